// What the stand-ins share: the log, the failures that a test asks for, and checks.
#pragma once
#pragma GCC diagnostic ignored "-Wunused-function"
#define WIN32_LEAN_AND_MEAN
#define UNICODE
#include <windows.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

static void append_line(const char *line)
{
    char path[MAX_PATH];
    DWORD length = GetEnvironmentVariableA("STANDIN_LOG", path, sizeof path);
    if (length == 0 || length >= sizeof path)
        return;
    HANDLE file = CreateFileA(path, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_ALWAYS, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return;
    DWORD written;
    WriteFile(file, line, (DWORD)strlen(line), &written, NULL);
    CloseHandle(file);
}

// A path as UTF-8, for the log. Four buffers, so that one line can show several.
static const char *utf8(const WCHAR *text)
{
    static __thread char buffers[4][3 * 33000];
    static __thread int next;
    char *buffer = buffers[next++ & 3];
    if (!text)
        return "(null)";
    if (!WideCharToMultiByte(CP_UTF8, 0, text, -1, buffer, sizeof buffers[0], NULL, NULL))
        strcpy(buffer, "(unreadable)");
    return buffer;
}

static void log_line(const char *kind, const char *format, ...)
{
    static __thread char line[4 * 33000];
    int used = snprintf(line, sizeof line, "%s ", kind);
    va_list arguments;
    va_start(arguments, format);
    used += vsnprintf(line + used, sizeof line - used - 2, format, arguments);
    va_end(arguments);
    if (used > (int)sizeof line - 2)
        used = sizeof line - 2;
    line[used] = '\n';
    line[used + 1] = 0;
    append_line(line);
}

#define CALL(...) log_line("CALL", __VA_ARGS__)
#define BAD(...) log_line("BAD", __VA_ARGS__)

// The code that the test wants from this call of the function; 0 for none. standin.dll, which the startup hook loads first, counts the calls of all.
unsigned standin_wanted_failure(const char *function);
#ifdef STANDIN_ITSELF
#define wanted_failure standin_wanted_failure
#else
static unsigned wanted_failure(const char *function)
{
    typedef unsigned (*Function)(const char *);
    Function counted = (Function)(void *)GetProcAddress(GetModuleHandleA("standin.dll"), "standin_wanted_failure");
    return counted(function);
}
#endif

// Whether the test makes something fail: then what follows may find things in a state that is an error otherwise.
static BOOL is_failing(void)
{
    return GetEnvironmentVariableA("STANDIN_FAIL", NULL, 0) || GetEnvironmentVariableA("STANDIN_FAIL_CALL", NULL, 0);
}

// An error in what the caller does, unless an injected failure explains it.
#define BAD_UNLESS_FAILING(...) do { if (!is_failing()) BAD(__VA_ARGS__); } while (0)

#define FAIL_IF_WANTED(function) \
    do { unsigned code_ = wanted_failure(function); if (code_) return (HRESULT)code_; } while (0)

// From this length on a folder's path needs the prefix that lifts the limit.
#define MAX_PLAIN 248

static BOOL is_prefixed(const WCHAR *path) { return !wcsncmp(path, L"\\\\?\\", 4); }

static BOOL is_absolute(const WCHAR *path)
{
    return (iswalpha(path[0]) && path[1] == L':' && path[2] == L'\\') || (path[0] == L'\\' && path[1] == L'\\');
}

// The table of docs/windows.md: the few paths that come with the prefix,
static void check_long(const char *function, const char *what, const WCHAR *path)
{
    if (!path)
        BAD("%s %s is null", function, what);
    else if (!is_prefixed(path))
        BAD("%s %s '%s' has no \\\\?\\ prefix", function, what, utf8(path));
    else if (wcschr(path, L'/'))
        BAD("%s %s '%s' has a forward slash", function, what, utf8(path));
}

// and all others, which come plain and absolute, with the prefix only where they are too long without it.
static void check_plain(const char *function, const char *what, const WCHAR *path)
{
    if (!path)
        BAD("%s %s is null", function, what);
    else if (is_prefixed(path) && wcslen(path) < MAX_PLAIN + 4)
        BAD("%s %s '%s' has a prefix that it does not need", function, what, utf8(path));
    else if (!is_prefixed(path) && wcslen(path) >= MAX_PLAIN)
        BAD("%s %s '%s' is too long without a prefix", function, what, utf8(path));
    else if (!is_absolute(path))
        BAD("%s %s '%s' is not absolute", function, what, utf8(path));
    else if (wcschr(path, L'/'))
        BAD("%s %s '%s' has a forward slash", function, what, utf8(path));
    else if (wcslen(path) > 3 && path[wcslen(path) - 1] == L'\\')
        BAD("%s %s '%s' ends in a backslash", function, what, utf8(path));
}

static BOOL is_folder(const WCHAR *path)
{
    DWORD attributes = GetFileAttributesW(path);
    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY);
}

static BOOL exists(const WCHAR *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

static const WCHAR *join(const WCHAR *folder, const WCHAR *name)
{
    static __thread WCHAR buffers[8][33000];
    static __thread int next;
    WCHAR *buffer = buffers[next++ & 7];
    _snwprintf(buffer, 32999, L"%ls\\%ls", folder, name);
    buffer[32999] = 0;
    return buffer;
}

static BOOL write_bytes(const WCHAR *path, const void *bytes, DWORD count)
{
    HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return FALSE;
    DWORD written;
    BOOL done = WriteFile(file, bytes, count, &written, NULL);
    CloseHandle(file);
    return done;
}

// ---- what is known of a file, kept in STANDIN_STORE by the file's id, so that other processes see it too

typedef struct { char text[17]; } FileId;

static BOOL id_of(HANDLE file, FileId *id)
{
    BY_HANDLE_FILE_INFORMATION information;
    if (!GetFileInformationByHandle(file, &information))
        return FALSE;
    snprintf(id->text, sizeof id->text, "%08lx%08lx", information.nFileIndexHigh, information.nFileIndexLow);
    return TRUE;
}

static BOOL fact_path(const FileId *id, const char *kind, char *path, size_t size)
{
    char store[MAX_PATH];
    DWORD length = GetEnvironmentVariableA("STANDIN_STORE", store, sizeof store);
    if (length == 0 || length >= sizeof store)
        return FALSE;
    snprintf(path, size, "%s\\%s.%s", store, id->text, kind);
    return TRUE;
}

static BOOL is_so(const FileId *id, const char *kind)
{
    char path[MAX_PATH + 64];
    return fact_path(id, kind, path, sizeof path) && GetFileAttributesA(path) != INVALID_FILE_ATTRIBUTES;
}

static void set_so(const FileId *id, const char *kind)
{
    char path[MAX_PATH + 64];
    if (fact_path(id, kind, path, sizeof path))
        CloseHandle(CreateFileA(path, GENERIC_WRITE, 0, NULL, OPEN_ALWAYS, 0, NULL));
}

static BOOL unset_so(const FileId *id, const char *kind)
{
    char path[MAX_PATH + 64];
    return fact_path(id, kind, path, sizeof path) && DeleteFileA(path);
}

// ---- virtual disks

// An access mask that nobody else opens with marks the handles of virtdisk.dll, and another one those that keep a disk in use from being deleted.
#define DISK_ACCESS (FILE_READ_DATA | FILE_READ_ATTRIBUTES | FILE_READ_EA | FILE_WRITE_EA | SYNCHRONIZE)
#define HOLD_ACCESS (FILE_READ_DATA | FILE_READ_ATTRIBUTES | FILE_READ_EA | SYNCHRONIZE)

static unsigned access_of(HANDLE handle)
{
    // PUBLIC_OBJECT_BASIC_INFORMATION: attributes, granted access, two counts, ten reserved.
    ULONG information[14] = { 0 };
    typedef LONG(NTAPI * Function)(HANDLE, int, void *, ULONG, ULONG *);
    Function query = (Function)(void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "NtQueryObject");
    return query(handle, 0, information, sizeof information, NULL) >= 0 ? information[1] : 0;
}

static BOOL is_disk(HANDLE handle, FileId *id)
{
    return handle && handle != INVALID_HANDLE_VALUE && access_of(handle) == DISK_ACCESS && id_of(handle, id) && is_so(id, "disk");
}

// The files that Windows has in use, which nobody can delete meanwhile: as far as this process goes.
static struct { FileId id; HANDLE handle; } held[64];
static SRWLOCK holding = SRWLOCK_INIT;

static void hold(const WCHAR *path, const FileId *id)
{
    AcquireSRWLockExclusive(&holding);
    for (int i = 0; i < 64; i++)
    {
        if (held[i].handle)
            continue;
        held[i].handle = CreateFileW(path, HOLD_ACCESS, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
        if (held[i].handle == INVALID_HANDLE_VALUE)
            held[i].handle = NULL;
        held[i].id = *id;
        break;
    }
    ReleaseSRWLockExclusive(&holding);
}

static void release(const FileId *id)
{
    AcquireSRWLockExclusive(&holding);
    for (int i = 0; i < 64; i++)
    {
        if (!held[i].handle || strcmp(held[i].id.text, id->text) != 0)
            continue;
        CloseHandle(held[i].handle);
        held[i].handle = NULL;
    }
    ReleaseSRWLockExclusive(&holding);
}

// A disk's file. One with a parent names it, as a differencing disk does.
static BOOL write_disk(const WCHAR *path, const WCHAR *parent)
{
    char bytes[8 + 2 * MAX_PATH * 4] = "vhdxfile";
    size_t length = parent ? (wcslen(parent) + 1) * sizeof(WCHAR) : 0;
    if (length > sizeof bytes - 8)
        return FALSE;
    if (parent)
        memcpy(bytes + 8, parent, length);
    return write_bytes(path, bytes, (DWORD)(8 + length));
}

// A differencing disk whose parent is not where it says cannot be opened.
static void check_disk(const char *function, const WCHAR *path)
{
    unsigned char bytes[8 + 2 * MAX_PATH * 4 + 2] = { 0 };
    DWORD read = 0;
    HANDLE file = CreateFileW(path, GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return;
    ReadFile(file, bytes, sizeof bytes - 2, &read, NULL);
    CloseHandle(file);
    if (read < 8 || memcmp(bytes, "vhdxfile", 8) != 0)
        BAD("%s '%s' is no disk", function, utf8(path));
    else if (read > 8 && !exists((const WCHAR *)(bytes + 8)))
        BAD("%s '%s' is over '%s', which is gone", function, utf8(path), utf8((const WCHAR *)(bytes + 8)));
}

// A GUID that depends on the name alone.
static void name_to_guid(const WCHAR *name, GUID *id)
{
    unsigned char *bytes = (unsigned char *)id;
    for (int i = 0; i < 16; i++)
    {
        unsigned hash = 2166136261u + i * 31u;
        for (const WCHAR *c = name; *c; c++)
            hash = (hash ^ (unsigned)(*c >= L'a' && *c <= L'z' ? *c - 32 : *c)) * 16777619u;
        bytes[i] = (unsigned char)(hash >> 13);
    }
}

static const WCHAR *last_part(const WCHAR *path)
{
    const WCHAR *last = wcsrchr(path, L'\\');
    return last ? last + 1 : path;
}
