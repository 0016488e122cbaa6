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

// The code that the test wants from this call of the function; 0 for none. "Name=0x8…;Name#2=0x8…"
static unsigned wanted_failure(const char *function)
{
    static struct { char name[64]; int calls; } counts[64];
    int index = 0;
    while (index < 63 && counts[index].name[0] && strcmp(counts[index].name, function) != 0)
        index++;
    strncpy(counts[index].name, function, sizeof counts[index].name - 1);
    int call = ++counts[index].calls;

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

#define FAIL_IF_WANTED(function) \
    do { unsigned code_ = wanted_failure(function); if (code_) return (HRESULT)code_; } while (0)

// Paths come absolute and with the prefix that lifts the length limit.
static void check_path(const char *function, const char *what, const WCHAR *path)
{
    if (!path)
        BAD("%s %s is null", function, what);
    else if (wcsncmp(path, L"\\\\?\\", 4) != 0)
        BAD("%s %s '%s' has no \\\\?\\ prefix", function, what, utf8(path));
    else if (wcschr(path, L'/'))
        BAD("%s %s '%s' has a forward slash", function, what, utf8(path));
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
