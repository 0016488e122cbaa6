// A stand-in for the few functions of kernel32 and ntdll that Wine lacks or that a test has to watch; standin.def forwards the others.
//
// What Wine's file system cannot keep is kept in STANDIN_STORE by file id: <id>.stream is the backup stream exactly as it was written,
// <id>.reparse says that it had a reparse record.
#define STANDIN_ITSELF
#include "standin.h"
#include <winternl.h>

#define NT_DIRECTORY_FILE 0x1
#define NT_SYNCHRONOUS_NONALERT 0x20
#define NT_OPEN_FOR_BACKUP 0x4000
#define NT_OPEN_REPARSE_POINT 0x200000
#define NT_CASE_INSENSITIVE 0x40
#define NT_DONT_REPARSE 0x1000
#define NT_CREATE 2
#define NEEDED_TO_RESTORE (WRITE_DAC | WRITE_OWNER | ACCESS_SYSTEM_SECURITY)

// ---- what is known of open handles

typedef struct { unsigned access; WCHAR *path; } Known;
static Known known[65536];
static Known *known_of(HANDLE handle) { return &known[((ULONG_PTR)handle >> 2) & 0xffff]; }

static const char *path_of(HANDLE handle)
{
    return known_of(handle)->path ? utf8(known_of(handle)->path) : "?";
}

static void remember(HANDLE handle, unsigned access, const UNICODE_STRING *name)
{
    Known *entry = known_of(handle);
    free(entry->path);
    entry->path = calloc(name->Length / 2 + 1, sizeof(WCHAR));
    memcpy(entry->path, name->Buffer, name->Length);
    entry->access = access;
}

// ---- failures: the calls of all stand-ins are counted here, by name and altogether

static SRWLOCK failures = SRWLOCK_INIT;
static struct { char name[64]; int calls; } counts[64];
static int all_calls;
static char run[32], failed[64];

// A new value of STANDIN_RUN starts the counts anew: a program can try one thing many times.
static void start_run(void)
{
    char now[32] = "";
    GetEnvironmentVariableA("STANDIN_RUN", now, sizeof now);
    if (!strcmp(now, run))
        return;
    strcpy(run, now);
    memset(counts, 0, sizeof counts);
    all_calls = 0;
    failed[0] = 0;
}

// "Name=0x8…;Name#2=0x8…"
static unsigned failure_by_name(const char *function, int call)
{
    char list[1024];
    DWORD length = GetEnvironmentVariableA("STANDIN_FAIL", list, sizeof list);
    if (length == 0 || length >= sizeof list)
        return 0;
    for (char *item = strtok(list, ";"); item; item = strtok(NULL, ";"))
    {
        char *code = strchr(item, '=');
        if (!code)
            continue;
        *code++ = 0;
        char *number = strchr(item, '#');
        if (number)
            *number++ = 0;
        if (strcmp(item, function) == 0 && (!number || atoi(number) == call))
            return (unsigned)strtoul(code, NULL, 16);
    }
    return 0;
}

unsigned standin_wanted_failure(const char *function)
{
    AcquireSRWLockExclusive(&failures);
    start_run();
    int index = 0;
    while (index < 63 && counts[index].name[0] && strcmp(counts[index].name, function) != 0)
        index++;
    strncpy(counts[index].name, function, sizeof counts[index].name - 1);
    unsigned code = failure_by_name(function, ++counts[index].calls);
    char number[16];
    DWORD length = GetEnvironmentVariableA("STANDIN_FAIL_CALL", number, sizeof number);
    if (++all_calls == (length > 0 && length < sizeof number ? atoi(number) : 0))
        code = 0x80070005;
    if (code)
        strncpy(failed, function, sizeof failed - 1);
    ReleaseSRWLockExclusive(&failures);
    return code;
}

// The function that was made to fail last in this run; empty for none.
const char *standin_failed(void)
{
    AcquireSRWLockExclusive(&failures);
    start_run();
    ReleaseSRWLockExclusive(&failures);
    return failed;
}

static NTSTATUS nt_status(unsigned code)
{
    switch (code)
    {
        case 0x80070005: return (NTSTATUS)0xc0000022;
        case 0x80070020: return (NTSTATUS)0xc0000043;
        case 0x80070070: return (NTSTATUS)0xc000007f;
        default: return (NTSTATUS)code;
    }
}

// ---- open files

// Reports the files below a folder (null: the one of the log) that are open, whoever opened them; how many.
int standin_open_files(const WCHAR *folder)
{
    static WCHAR path[33000], below[MAX_PATH * 4];
    int open = 0;
    if (folder)
        wcsncpy(below, folder, sizeof below / sizeof *below - 1);
    else
    {
        DWORD length = GetEnvironmentVariableW(L"STANDIN_LOG", below, MAX_PATH);
        if (length == 0 || length >= MAX_PATH || !wcsrchr(below, L'\\'))
            return 0;
        *wcsrchr(below, L'\\') = 0;
    }
    // New handles take the lowest free numbers: after a long gap come no more.
    int gap = 0;
    for (ULONG_PTR handle = 4; gap < 256; handle += 4, gap++)
    {
        DWORD flags;
        if (!GetHandleInformation((HANDLE)handle, &flags))
            continue;
        gap = 0;
        if (GetFileType((HANDLE)handle) != FILE_TYPE_DISK || access_of((HANDLE)handle) == HOLD_ACCESS)
            continue;
        DWORD length = GetFinalPathNameByHandleW((HANDLE)handle, path, 32000, 0);
        if (length == 0 || length >= 32000 || _wcsnicmp(path + 4, below, wcslen(below)) != 0)
            continue;
        BAD("'%s' is still open", utf8(path));
        open++;
    }
    return open;
}

// ---- what is kept by file id

static BOOL side_path(HANDLE file, const char *kind, char *path, size_t size)
{
    FileId id;
    return id_of(file, &id) && fact_path(&id, kind, path, size);
}

static BOOL is_reparse_point(HANDLE file)
{
    FileId id;
    return id_of(file, &id) && is_so(&id, "reparse");
}

static void forget_side_files(HANDLE file)
{
    FileId id;
    if (!id_of(file, &id))
        return;
    unset_so(&id, "stream");
    unset_so(&id, "reparse");
}

// ---- opening by path

HANDLE WINAPI standin_CreateFileW(const WCHAR *path, DWORD access, DWORD share, SECURITY_ATTRIBUTES *security, DWORD disposition, DWORD flags, HANDLE template)
{
    unsigned failure = wanted_failure("CreateFile");
    if (failure)
    {
        SetLastError(failure & 0xffff);
        return INVALID_HANDLE_VALUE;
    }
    return CreateFileW(path, access, share, security, disposition, flags, template);
}

DWORD WINAPI standin_GetFinalPathNameByHandleW(HANDLE file, WCHAR *path, DWORD length, DWORD flags)
{
    // A volume may have no drive letter.
    if (flags != VOLUME_NAME_NT)
        BAD("GetFinalPathNameByHandle flags 0x%lx", flags);
    unsigned failure = wanted_failure("GetFinalPathNameByHandle");
    if (failure)
    {
        SetLastError(failure & 0xffff);
        return 0;
    }
    return GetFinalPathNameByHandleW(file, path, length, flags);
}

// ---- NtCreateFile

static NTSTATUS real_open(HANDLE *file, unsigned access, OBJECT_ATTRIBUTES *attributes, unsigned options)
{
    IO_STATUS_BLOCK io;
    return NtCreateFile(file, access | SYNCHRONIZE, attributes, &io, NULL, 0, 7, FILE_OPEN, options | NT_SYNCHRONOUS_NONALERT | NT_OPEN_REPARSE_POINT, NULL, 0);
}

// Whether a directory on the way (not the last component) is a reparse point.
static BOOL passes_reparse_point(const OBJECT_ATTRIBUTES *attributes)
{
    const UNICODE_STRING *whole = attributes->ObjectName;
    for (USHORT i = 0; i < whole->Length / 2; i++)
    {
        if (whole->Buffer[i] != L'\\')
            continue;
        UNICODE_STRING part = { i * 2, i * 2, whole->Buffer };
        OBJECT_ATTRIBUTES step = *attributes;
        HANDLE directory;
        step.ObjectName = &part;
        step.Attributes = NT_CASE_INSENSITIVE;
        if (real_open(&directory, FILE_READ_ATTRIBUTES, &step, 0) < 0)
            return FALSE;
        BOOL found = is_reparse_point(directory);
        CloseHandle(directory);
        if (found)
            return TRUE;
    }
    return FALSE;
}

NTSTATUS NTAPI standin_NtCreateFile(HANDLE *file, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes, IO_STATUS_BLOCK *io, LARGE_INTEGER *size, ULONG file_attributes, ULONG share, ULONG disposition, ULONG options, void *ea, ULONG ea_length)
{
    if (attributes->Length != 48)
        BAD("NtCreateFile attributes of %lu bytes", attributes->Length);
    if (!attributes->RootDirectory)
        BAD("NtCreateFile without a root handle");
    if (!(attributes->Attributes & NT_DONT_REPARSE))
        BAD("NtCreateFile without OBJ_DONT_REPARSE");
    if (!(attributes->Attributes & NT_CASE_INSENSITIVE))
        BAD("NtCreateFile with letter case");
    if ((options & (NT_OPEN_FOR_BACKUP | NT_OPEN_REPARSE_POINT | NT_SYNCHRONOUS_NONALERT)) != (NT_OPEN_FOR_BACKUP | NT_OPEN_REPARSE_POINT | NT_SYNCHRONOUS_NONALERT))
        BAD("NtCreateFile options 0x%lx", options);
    WCHAR *name = calloc(attributes->ObjectName->Length / 2 + 1, sizeof(WCHAR));
    memcpy(name, attributes->ObjectName->Buffer, attributes->ObjectName->Length);
    if (disposition == NT_CREATE)
        CALL("NtCreateFile.new %s %08lx %s", options & NT_DIRECTORY_FILE ? "directory" : "file", access, utf8(name));
    free(name);

    unsigned failure = wanted_failure("NtCreateFile");
    if (failure)
        return nt_status(failure);
    if (passes_reparse_point(attributes))
        return 0xc000050b;

    // Wine maps these itself; it knows no other reparse points than those above.
    NTSTATUS status = NtCreateFile(file, access, attributes, io, size, file_attributes, share, disposition, options, ea, ea_length);
    if (status >= 0)
    {
        remember(*file, access, attributes->ObjectName);
        if (disposition == NT_CREATE)
            forget_side_files(*file);
    }
    return status;
}

// ---- metadata by handle

BOOL WINAPI standin_SetFileInformationByHandle(HANDLE file, FILE_INFO_BY_HANDLE_CLASS kind, void *information, DWORD size)
{
    if (kind == FileBasicInfo)
    {
        const FILE_BASIC_INFO *basic = information;
        if (size != 40)
            BAD("SetFileInformationByHandle basic information of %lu bytes", size);
        CALL("BasicInformation %lu %lld %lld %lld %lld %s", basic->FileAttributes, basic->CreationTime.QuadPart, basic->LastAccessTime.QuadPart,
            basic->LastWriteTime.QuadPart, basic->ChangeTime.QuadPart, path_of(file));
        unsigned failure = wanted_failure("SetFileInformationByHandle");
        if (failure)
        {
            SetLastError(failure & 0xffff);
            return FALSE;
        }
    }
    return SetFileInformationByHandle(file, kind, information, size);
}

BOOL WINAPI standin_GetFileInformationByHandleEx(HANDLE file, FILE_INFO_BY_HANDLE_CLASS kind, void *information, DWORD size)
{
    unsigned failure = wanted_failure("GetFileInformationByHandleEx");
    if (failure)
    {
        SetLastError(failure & 0xffff);
        return FALSE;
    }
    if (!GetFileInformationByHandleEx(file, kind, information, size))
        return FALSE;
    if (kind == FileBasicInfo && is_reparse_point(file))
        ((FILE_BASIC_INFO *)information)->FileAttributes |= FILE_ATTRIBUTE_REPARSE_POINT;
    return TRUE;
}

NTSTATUS NTAPI standin_NtSetInformationFile(HANDLE file, IO_STATUS_BLOCK *io, void *information, ULONG size, FILE_INFORMATION_CLASS kind)
{
    const unsigned char *bytes = information;
    if ((int)kind == 11)
    {
        HANDLE root;
        unsigned length;
        memcpy(&root, bytes + 8, sizeof root);
        memcpy(&length, bytes + 16, sizeof length);
        WCHAR *name = calloc(length / 2 + 1, sizeof(WCHAR));
        memcpy(name, bytes + 20, length);
        if (bytes[0])
            BAD("FileLinkInformation replaces");
        if (!root)
            BAD("FileLinkInformation without a root handle");
        if (wcschr(name, L'\\'))
            BAD("FileLinkInformation '%s' is not one name", utf8(name));
        CALL("Link %s\\%s from %s", path_of(root), utf8(name), path_of(file));
        free(name);
    }
    else if ((int)kind == 13 || (int)kind == 64)
        CALL("Delete.%d %s", (int)kind, path_of(file));
    unsigned failure = wanted_failure("NtSetInformationFile");
    if (failure)
        return nt_status(failure);
    typedef NTSTATUS(NTAPI * Function)(HANDLE, IO_STATUS_BLOCK *, void *, ULONG, FILE_INFORMATION_CLASS);
    return ((Function)(void *)GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "NtSetInformationFile"))(file, io, information, size, kind);
}

// ---- backup streams

// Follows the records that pass by: how much of the current header and of the current record's name and bytes is left.
typedef struct { unsigned char header[20]; int have; long long name, left; unsigned id; } Records;

// How many of the next bytes belong together, and to which kind of record: 0 for headers and names.
static DWORD next_piece(Records *records, const unsigned char *bytes, DWORD count, unsigned *id)
{
    *id = 0;
    if (records->have < 20)
    {
        DWORD take = count < (DWORD)(20 - records->have) ? count : (DWORD)(20 - records->have);
        memcpy(records->header + records->have, bytes, take);
        records->have += take;
        if (records->have == 20)
        {
            unsigned name;
            memcpy(&records->id, records->header, 4);
            memcpy(&records->left, records->header + 8, 8);
            memcpy(&name, records->header + 16, 4);
            records->name = name;
        }
        if (records->have == 20 && !records->name && !records->left)
            records->have = 0;
        return take;
    }
    long long *left = records->name ? &records->name : &records->left;
    DWORD take = count < *left ? count : (DWORD)*left;
    if (left == &records->left)
        *id = records->id;
    *left -= take;
    if (!records->name && !records->left)
        records->have = 0;
    return take;
}

typedef struct { HANDLE side; Records records; int virtual_header; long long position; } Backup;

static BOOL fail_with(DWORD error)
{
    SetLastError(error);
    return FALSE;
}

BOOL WINAPI standin_BackupWrite(HANDLE file, const unsigned char *bytes, DWORD count, DWORD *written, BOOL abort, BOOL security, void **context)
{
    Backup *backup = *context;
    if (abort)
    {
        if (backup)
        {
            if (backup->records.have)
                BAD_UNLESS_FAILING("BackupWrite ends inside a record of %s", path_of(file));
            CloseHandle(backup->side);
            free(backup);
        }
        *context = NULL;
        return TRUE;
    }
    if (!security)
        BAD("BackupWrite without security");
    if ((known_of(file)->access & NEEDED_TO_RESTORE) != NEEDED_TO_RESTORE)
        BAD("BackupWrite access 0x%x loses the security descriptor of %s", known_of(file)->access, path_of(file));
    unsigned failure = wanted_failure("BackupWrite");
    if (failure)
        return fail_with(failure & 0xffff);
    char path[MAX_PATH + 64];
    if (!backup)
    {
        backup = calloc(1, sizeof *backup);
        backup->side = INVALID_HANDLE_VALUE;
        if (side_path(file, "stream", path, sizeof path))
            backup->side = CreateFileA(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS, 0, NULL);
        CALL("BackupWrite %s %s", backup->side == INVALID_HANDLE_VALUE ? "-" : strrchr(path, '\\') + 1, path_of(file));
        *context = backup;
    }
    DWORD done;
    WriteFile(backup->side, bytes, count, &done, NULL);
    for (DWORD i = 0; i < count;)
    {
        unsigned id;
        DWORD piece = next_piece(&backup->records, bytes + i, count - i, &id);
        if (id == 1 && !WriteFile(file, bytes + i, piece, &done, NULL))
            return FALSE;
        if (id == 8 && side_path(file, "reparse", path, sizeof path))
            CloseHandle(CreateFileA(path, GENERIC_WRITE, 0, NULL, OPEN_ALWAYS, 0, NULL));
        i += piece;
    }
    *written = count;
    return TRUE;
}

// The stream as it was written; without one the plain data.
static BOOL source_read(HANDLE file, Backup *backup, unsigned char *buffer, DWORD count, DWORD *read)
{
    if (!backup->virtual_header)
        return ReadFile(backup->side, buffer, count, read, NULL);
    if (backup->position < 20)
    {
        unsigned char header[20] = { 1 };
        LARGE_INTEGER size;
        GetFileSizeEx(file, &size);
        memcpy(header + 8, &size.QuadPart, 8);
        *read = count < 20 - backup->position ? count : (DWORD)(20 - backup->position);
        memcpy(buffer, header + backup->position, *read);
    }
    else if (!ReadFile(file, buffer, count, read, NULL))
        return FALSE;
    backup->position += *read;
    return TRUE;
}

BOOL WINAPI standin_BackupRead(HANDLE file, unsigned char *buffer, DWORD count, DWORD *read, BOOL abort, BOOL security, void **context)
{
    Backup *backup = *context;
    if (abort)
    {
        if (backup)
        {
            CloseHandle(backup->side);
            free(backup);
        }
        *context = NULL;
        return TRUE;
    }
    if (!security)
        BAD("BackupRead without security");
    if (!(known_of(file)->access & ACCESS_SYSTEM_SECURITY))
        BAD("BackupRead access 0x%x loses the audit rules of %s", known_of(file)->access, path_of(file));
    unsigned failure = wanted_failure("BackupRead");
    if (failure)
        return fail_with(failure & 0xffff);
    if (!backup)
    {
        char path[MAX_PATH + 64];
        BY_HANDLE_FILE_INFORMATION information;
        backup = calloc(1, sizeof *backup);
        backup->side = INVALID_HANDLE_VALUE;
        if (side_path(file, "stream", path, sizeof path))
            backup->side = CreateFileA(path, GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL);
        GetFileInformationByHandle(file, &information);
        *context = backup;
        if (backup->side == INVALID_HANDLE_VALUE)
        {
            backup->virtual_header = 1;
            if (information.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
            {
                *read = 0;
                backup->position = 20;
                return TRUE;
            }
        }
    }
    if (!source_read(file, backup, buffer, count, read))
        return FALSE;
    for (DWORD i = 0; i < *read;)
    {
        unsigned id;
        i += next_piece(&backup->records, buffer + i, *read - i, &id);
    }
    return TRUE;
}

BOOL WINAPI standin_BackupSeek(HANDLE file, DWORD low, DWORD high, DWORD *skipped_low, DWORD *skipped_high, void **context)
{
    Backup *backup = *context;
    long long wanted = ((long long)high << 32) | low, skip = 0;
    *skipped_low = *skipped_high = 0;
    if (backup && backup->records.have == 20 && !backup->records.name)
        skip = wanted < backup->records.left ? wanted : backup->records.left;
    if (skip > 0)
    {
        LARGE_INTEGER distance = { .QuadPart = skip };
        if (!SetFilePointerEx(backup->virtual_header ? file : backup->side, distance, NULL, FILE_CURRENT))
            return FALSE;
        backup->position += skip;
        backup->records.left -= skip;
        if (!backup->records.left)
            backup->records.have = 0;
    }
    *skipped_low = (DWORD)skip;
    *skipped_high = (DWORD)(skip >> 32);
    return skip == wanted ? TRUE : fail_with(ERROR_SEEK);
}
