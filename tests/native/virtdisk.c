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

static const WCHAR *attached_marker(HANDLE disk)
{
    static __thread WCHAR path[33000];
    if (!GetFinalPathNameByHandleW(disk, path, 32000, 0))
        return L"";
    wcscat(path, L".attached");
    return path;
}

DWORD WINAPI standin_CreateVirtualDisk(StorageType *type, const WCHAR *path, unsigned access, void *security, unsigned flags, ULONG provider, CreateParameters *parameters, void *overlapped, HANDLE *disk)
{
    CALL("CreateVirtualDisk %s", utf8(path));
    check_type("CreateVirtualDisk", type);
    check_path("CreateVirtualDisk", "path", path);
    if (!parameters || parameters->version != 2 || !parameters->size || parameters->size % 512)
        BAD("CreateVirtualDisk parameters");
    if (access)
        BAD("CreateVirtualDisk version 2 takes access 0, not %u", access);
    unsigned failure = wanted_failure("CreateVirtualDisk");
    if (failure)
        return win32(failure);
    if (!write_bytes(path, "vhdxfile", 8))
        return GetLastError();
    *disk = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 7, NULL, OPEN_EXISTING, 0, NULL);
    return *disk == INVALID_HANDLE_VALUE ? GetLastError() : 0;
}

DWORD WINAPI standin_OpenVirtualDisk(StorageType *type, const WCHAR *path, unsigned access, unsigned flags, OpenParameters *parameters, HANDLE *disk)
{
    CALL("OpenVirtualDisk %s", utf8(path));
    check_type("OpenVirtualDisk", type);
    check_path("OpenVirtualDisk", "path", path);
    if (!parameters || parameters->version != 2)
        BAD("OpenVirtualDisk parameters");
    if (access)
        BAD("OpenVirtualDisk version 2 takes access 0, not %u", access);
    unsigned failure = wanted_failure("OpenVirtualDisk");
    if (failure)
        return win32(failure);
    *disk = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 7, NULL, OPEN_EXISTING, 0, NULL);
    return *disk == INVALID_HANDLE_VALUE ? GetLastError() : 0;
}

DWORD WINAPI standin_AttachVirtualDisk(HANDLE disk, void *security, unsigned flags, ULONG provider, AttachParameters *parameters, void *overlapped)
{
    CALL("AttachVirtualDisk flags=%u", flags);
    if (!parameters || parameters->version != 1)
        BAD("AttachVirtualDisk parameters");
    unsigned failure = wanted_failure("AttachVirtualDisk");
    if (failure)
        return win32(failure);
    if (exists(attached_marker(disk)))
        BAD("AttachVirtualDisk: it is attached");
    write_bytes(attached_marker(disk), "", 0);
    return 0;
}

DWORD WINAPI standin_DetachVirtualDisk(HANDLE disk, unsigned flags, ULONG provider)
{
    CALL("DetachVirtualDisk");
    unsigned failure = wanted_failure("DetachVirtualDisk");
    if (failure)
        return win32(failure);
    if (!DeleteFileW(attached_marker(disk)))
        BAD("DetachVirtualDisk: it is not attached");
    return 0;
}
