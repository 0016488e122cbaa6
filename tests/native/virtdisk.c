// The calls of virtdisk.dll (virtdisk.def gives them their names): a disk is a plain file, an attached one has a file beside it.
#include "standin.h"

typedef struct { unsigned device; GUID vendor; } StorageType;
typedef struct { unsigned version; unsigned padding; GUID id; unsigned long long size; unsigned block, sector; } CreateParameters;
typedef struct { unsigned version; int info_only, read_only; GUID resiliency; } OpenParameters;
typedef struct { unsigned version; unsigned reserved; } AttachParameters;

static const GUID microsoft = { 0xec984aec, 0xa0f9, 0x47e9, { 0x90, 0x1f, 0x71, 0x41, 0x5a, 0x66, 0x34, 0x5b } };

static void check_type(const char *function, const StorageType *type)
{
    if (!type || type->device != 3 || memcmp(&type->vendor, &microsoft, sizeof microsoft) != 0)
        BAD("%s storage type is not VHDX", function);
}

static DWORD win32(unsigned hresult) { return hresult & 0xffff; }

static HANDLE open_disk(const WCHAR *path)
{
    return CreateFileW(path, DISK_ACCESS, 7, NULL, OPEN_EXISTING, 0, NULL);
}

static const WCHAR *path_of(HANDLE disk)
{
    static __thread WCHAR path[33000];
    return GetFinalPathNameByHandleW(disk, path, 32000, 0) ? path : L"";
}

DWORD WINAPI standin_CreateVirtualDisk(StorageType *type, const WCHAR *path, unsigned access, void *security, unsigned flags, ULONG provider, CreateParameters *parameters, void *overlapped, HANDLE *disk)
{
    CALL("CreateVirtualDisk %s", utf8(path));
    check_type("CreateVirtualDisk", type);
    check_plain("CreateVirtualDisk", "path", path);
    if (!parameters || parameters->version != 2 || !parameters->size || parameters->size % 512)
        BAD("CreateVirtualDisk parameters");
    if (access)
        BAD("CreateVirtualDisk version 2 takes access 0, not %u", access);
    unsigned failure = wanted_failure("CreateVirtualDisk");
    if (failure)
        return win32(failure);
    if (exists(path))
        return ERROR_FILE_EXISTS;
    if (!write_disk(path, NULL))
        return GetLastError();
    *disk = open_disk(path);
    if (*disk == INVALID_HANDLE_VALUE)
        return GetLastError();
    // What an earlier disk left that had the same id.
    FileId id;
    static const char *kinds[] = { "attached", "formatted", "initialized", "filtered", "overlaid" };
    if (!id_of(*disk, &id))
        return GetLastError();
    if (is_so(&id, "attached"))
        BAD("CreateVirtualDisk: an earlier disk was deleted while it was attached");
    for (int i = 0; i < 5; i++)
        unset_so(&id, kinds[i]);
    set_so(&id, "disk");
    return 0;
}

DWORD WINAPI standin_OpenVirtualDisk(StorageType *type, const WCHAR *path, unsigned access, unsigned flags, OpenParameters *parameters, HANDLE *disk)
{
    CALL("OpenVirtualDisk %s", utf8(path));
    check_type("OpenVirtualDisk", type);
    check_plain("OpenVirtualDisk", "path", path);
    if (!parameters || parameters->version != 2)
        BAD("OpenVirtualDisk parameters");
    if (access)
        BAD("OpenVirtualDisk version 2 takes access 0, not %u", access);
    unsigned failure = wanted_failure("OpenVirtualDisk");
    if (failure)
        return win32(failure);
    check_disk("OpenVirtualDisk", path);
    *disk = open_disk(path);
    return *disk == INVALID_HANDLE_VALUE ? GetLastError() : 0;
}

DWORD WINAPI standin_AttachVirtualDisk(HANDLE disk, void *security, unsigned flags, ULONG provider, AttachParameters *parameters, void *overlapped)
{
    CALL("AttachVirtualDisk flags=%u", flags);
    if (!parameters || parameters->version != 1)
        BAD("AttachVirtualDisk parameters");
    // No drive letter, and the policy that encrypts fixed drives passed over: it would make the disk read-only.
    if ((flags & ~4u) != 0x22)
        BAD("AttachVirtualDisk flags 0x%x", flags);
    unsigned failure = wanted_failure("AttachVirtualDisk");
    if (failure)
        return win32(failure);
    FileId id;
    if (!is_disk(disk, &id))
    {
        BAD("AttachVirtualDisk: it is no handle of a disk");
        return ERROR_INVALID_HANDLE;
    }
    if (is_so(&id, "attached"))
    {
        BAD_UNLESS_FAILING("AttachVirtualDisk: it is attached");
        return ERROR_SHARING_VIOLATION;
    }
    // Without the flag for a permanent lifetime it ends with the handle, which nobody here sees.
    if (flags & 4)
    {
        set_so(&id, "attached");
        hold(path_of(disk), &id);
    }
    return 0;
}

DWORD WINAPI standin_DetachVirtualDisk(HANDLE disk, unsigned flags, ULONG provider)
{
    CALL("DetachVirtualDisk");
    unsigned failure = wanted_failure("DetachVirtualDisk");
    if (failure)
        return win32(failure);
    FileId id;
    if (!is_disk(disk, &id))
    {
        BAD("DetachVirtualDisk: it is no handle of a disk");
        return ERROR_INVALID_HANDLE;
    }
    if (!is_so(&id, "attached"))
    {
        BAD_UNLESS_FAILING("DetachVirtualDisk: it is not attached");
        return ERROR_NOT_READY;
    }
    if (is_so(&id, "filtered"))
        BAD_UNLESS_FAILING("DetachVirtualDisk: the storage filter is attached to it");
    unset_so(&id, "filtered");
    unset_so(&id, "attached");
    release(&id);
    return 0;
}

DWORD WINAPI standin_GetVirtualDiskPhysicalPath(HANDLE disk, ULONG *bytes, WCHAR *path)
{
    static const WCHAR device[] = L"\\\\.\\PhysicalDrive9";
    CALL("GetVirtualDiskPhysicalPath");
    unsigned failure = wanted_failure("GetVirtualDiskPhysicalPath");
    if (failure)
        return win32(failure);
    FileId id;
    if (!is_disk(disk, &id))
    {
        BAD("GetVirtualDiskPhysicalPath: it is no handle of a disk");
        return ERROR_INVALID_HANDLE;
    }
    if (!is_so(&id, "attached"))
        return ERROR_DEV_NOT_EXIST;
    if (*bytes < sizeof device)
        return ERROR_INSUFFICIENT_BUFFER;
    memcpy(path, device, sizeof device);
    *bytes = sizeof device;
    return 0;
}
