// The layer calls of vmcompute.dll: checks what it is given, records it, and does enough for what follows to work.
#include "standin.h"

typedef struct { unsigned flavour; unsigned padding; const WCHAR *home; } DriverInfo;
typedef struct { GUID id; unsigned flags; unsigned padding; const WCHAR *path; } LayerDescriptor;
_Static_assert(sizeof(DriverInfo) == 16, "DriverInfo");
_Static_assert(sizeof(LayerDescriptor) == 32, "LayerDescriptor");

static void check_info(const char *function, const DriverInfo *info)
{
    if (!info)
        BAD("%s info is null", function);
    else if (info->flavour != 1)
        BAD("%s flavour is %u", function, info->flavour);
    else if (!info->home)
        BAD("%s home is null: an access violation on Windows", function);
    else if (info->home[0])
        BAD("%s home is '%s'", function, utf8(info->home));
}

static void check_layers(const char *function, const LayerDescriptor *layers, unsigned count)
{
    if (count > 0 && !layers)
        BAD("%s %u layers and a null pointer", function, count);
    for (unsigned i = 0; layers && i < count; i++)
    {
        check_plain(function, "parent", layers[i].path);
        if (layers[i].flags)
            BAD("%s parent %u has flags %u", function, i, layers[i].flags);
        GUID id;
        name_to_guid(last_part(layers[i].path), &id);
        if (memcmp(&id, &layers[i].id, sizeof id) != 0)
            BAD("%s the id of parent '%s' is not that of its folder's name", function, utf8(layers[i].path));
        if (!is_folder(layers[i].path))
            BAD("%s parent '%s' is no folder", function, utf8(layers[i].path));
        CALL("%s.parent %s", function, utf8(layers[i].path));
    }
}

#define BEGIN(function, path) \
    CALL(function " %s", utf8(path)); \
    check_info(function, info); \
    check_plain(function, "layer", path)

// A layer's state is its disk's: it outlives the folder, and other processes see it too.
#define ACTIVE "active"
#define PREPARED "prepared"
// Prepared once since it was made: before that there is nothing to export.
#define READIED "readied"

static BOOL disk_of(const WCHAR *layer, FileId *id)
{
    HANDLE disk = CreateFileW(join(layer, L"sandbox.vhdx"), FILE_READ_ATTRIBUTES, 7, NULL, OPEN_EXISTING, 0, NULL);
    BOOL found = disk != INVALID_HANDLE_VALUE && id_of(disk, id);
    if (disk != INVALID_HANDLE_VALUE)
        CloseHandle(disk);
    return found;
}

static BOOL is_marked(const WCHAR *layer, const char *state)
{
    FileId id;
    return disk_of(layer, &id) && is_so(&id, state);
}

static void mark(const WCHAR *layer, const char *state)
{
    FileId id;
    if (!disk_of(layer, &id))
        return;
    set_so(&id, state);
    // An active layer's disk is in use: nobody can delete it.
    if (!strcmp(state, ACTIVE))
        hold(join(layer, L"sandbox.vhdx"), &id);
}

static void unmark(const WCHAR *layer, const char *state)
{
    FileId id;
    if (disk_of(layer, &id) && unset_so(&id, state) && !strcmp(state, ACTIVE))
        release(&id);
}

HRESULT WINAPI ActivateLayer(const DriverInfo *info, const WCHAR *layer)
{
    BEGIN("ActivateLayer", layer);
    FAIL_IF_WANTED("ActivateLayer");
    if (!exists(join(layer, L"sandbox.vhdx")))
        return 0x80070002;
    if (is_marked(layer, ACTIVE))
    {
        BAD_UNLESS_FAILING("ActivateLayer '%s' is active already", utf8(layer));
        return 0x80070020;
    }
    mark(layer, ACTIVE);
    return 0;
}

HRESULT WINAPI DeactivateLayer(const DriverInfo *info, const WCHAR *layer)
{
    BEGIN("DeactivateLayer", layer);
    FAIL_IF_WANTED("DeactivateLayer");
    if (is_marked(layer, PREPARED))
        BAD_UNLESS_FAILING("DeactivateLayer '%s' is still prepared", utf8(layer));
    if (!is_marked(layer, ACTIVE))
    {
        BAD_UNLESS_FAILING("DeactivateLayer '%s' is not active", utf8(layer));
        return 0x80070490;
    }
    unmark(layer, PREPARED);
    unmark(layer, ACTIVE);
    return 0;
}

static LONG preparing;

// How many are at it, for as long as the call takes: Windows cannot do two at once.
static void enter_prepare(void)
{
    if (InterlockedIncrement(&preparing) > 1)
        BAD("PrepareLayer while another layer of this process is prepared");
    for (int i = 0; i < 1000; i++)
        SwitchToThread();
}

static HRESULT prepare(const DriverInfo *info, const WCHAR *layer, const LayerDescriptor *layers, unsigned count)
{
    BEGIN("PrepareLayer", layer);
    check_layers("PrepareLayer", layers, count);
    FAIL_IF_WANTED("PrepareLayer");
    if (!is_marked(layer, ACTIVE))
    {
        BAD_UNLESS_FAILING("PrepareLayer '%s' is not active", utf8(layer));
        return 0x80070015;
    }
    if (is_marked(layer, PREPARED))
        BAD("PrepareLayer '%s' is prepared already", utf8(layer));
    if (count == 0)
        BAD("PrepareLayer has no parents");
    mark(layer, PREPARED);
    mark(layer, READIED);
    return 0;
}

HRESULT WINAPI PrepareLayer(const DriverInfo *info, const WCHAR *layer, const LayerDescriptor *layers, unsigned count)
{
    enter_prepare();
    HRESULT result = prepare(info, layer, layers, count);
    InterlockedDecrement(&preparing);
    return result;
}

HRESULT WINAPI UnprepareLayer(const DriverInfo *info, const WCHAR *layer)
{
    BEGIN("UnprepareLayer", layer);
    FAIL_IF_WANTED("UnprepareLayer");
    if (!is_marked(layer, PREPARED))
    {
        BAD_UNLESS_FAILING("UnprepareLayer '%s' is not prepared", utf8(layer));
        return 0x80070490;
    }
    unmark(layer, PREPARED);
    return 0;
}

HRESULT WINAPI CreateSandboxLayer(const DriverInfo *info, const WCHAR *layer, ULONG_PTR parent, const LayerDescriptor *layers, unsigned count)
{
    BEGIN("CreateSandboxLayer", layer);
    check_layers("CreateSandboxLayer", layers, count);
    if (parent)
        BAD("CreateSandboxLayer parent is not 0");
    if (count == 0)
        BAD("CreateSandboxLayer has no parents");
    FAIL_IF_WANTED("CreateSandboxLayer");
    CreateDirectoryW(layer, NULL);
    if (exists(join(layer, L"sandbox.vhdx")))
    {
        BAD("CreateSandboxLayer '%s' is one already", utf8(layer));
        return 0x80070050;
    }
    // The disk is made of the base layer's template.
    if (count > 0 && layers)
        check_disk("CreateSandboxLayer", join(layers[count - 1].path, L"blank.vhdx"));
    if (!write_disk(join(layer, L"sandbox.vhdx"), NULL))
        return 0x80070003;
    if (is_marked(layer, ACTIVE))
        BAD("CreateSandboxLayer: an earlier disk was deleted while it was active");
    unmark(layer, ACTIVE);
    unmark(layer, PREPARED);
    unmark(layer, READIED);
    return 0;
}

HRESULT WINAPI ExpandSandboxSize(const DriverInfo *info, const WCHAR *layer, unsigned long long bytes)
{
    BEGIN("ExpandSandboxSize", layer);
    CALL("ExpandSandboxSize.bytes %llu", bytes);
    FAIL_IF_WANTED("ExpandSandboxSize");
    if (is_marked(layer, ACTIVE))
    {
        BAD("ExpandSandboxSize '%s' is mounted", utf8(layer));
        return 0x80070020;
    }
    return exists(join(layer, L"sandbox.vhdx")) ? 0 : 0x80070002;
}

HRESULT WINAPI GetLayerMountPath(const DriverInfo *info, const WCHAR *layer, size_t *length, WCHAR *buffer)
{
    static const WCHAR volume[] = L"\\\\?\\Volume{12345678-1234-1234-1234-123456789abc}\\";
    BEGIN("GetLayerMountPath", layer);
    FAIL_IF_WANTED("GetLayerMountPath");
    // Of a read-only layer it is the folder.
    const WCHAR *answer = is_marked(layer, ACTIVE) ? volume : exists(join(layer, L"sandbox.vhdx")) ? L"" : layer;
    size_t needed = wcslen(answer) + 1;
    if (!length)
    {
        BAD("GetLayerMountPath length is null");
        return 0x80070057;
    }
    if (buffer)
    {
        if (*length < needed)
        {
            BAD("GetLayerMountPath has room for %llu of %llu", (unsigned long long)*length, (unsigned long long)needed);
            return 0x8007007a;
        }
        memcpy(buffer, answer, needed * sizeof(WCHAR));
    }
    *length = needed;
    return 0;
}

// Removes a folder with all it holds; good enough for what the tests make. FALSE where something is in use.
static BOOL remove_tree(const WCHAR *folder)
{
    WIN32_FIND_DATAW found;
    BOOL gone = TRUE;
    WCHAR *pattern = _wcsdup(join(folder, L"*"));
    HANDLE search = FindFirstFileW(pattern, &found);
    free(pattern);
    if (search != INVALID_HANDLE_VALUE)
    {
        do
        {
            if (!wcscmp(found.cFileName, L".") || !wcscmp(found.cFileName, L".."))
                continue;
            WCHAR *child = _wcsdup(join(folder, found.cFileName));
            if (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
                gone &= remove_tree(child);
            else
            {
                SetFileAttributesW(child, FILE_ATTRIBUTE_NORMAL);
                gone &= DeleteFileW(child);
            }
            free(child);
        } while (FindNextFileW(search, &found));
        FindClose(search);
    }
    return RemoveDirectoryW(folder) && gone;
}

// Windows would delete whatever it is given; nobody here may give it anything but a layer, or the beginnings of one.
static BOOL is_layer(const WCHAR *folder)
{
    static const WCHAR *parts[] = {
        L"Files", L"Hives", L"UtilityVM", L"layout", L"layerchain.json", L"stored.json", L"scratch.json", L"sandbox.vhdx", L"blank.vhdx", L"blank-base.vhdx",
        L"bcd.bak", L"bcd.log.bak", L"bcd.log1.bak", L"bcd.log2.bak",
    };
    WIN32_FIND_DATAW found;
    BOOL known = TRUE;
    WCHAR *pattern = _wcsdup(join(folder, L"*"));
    HANDLE search = FindFirstFileW(pattern, &found);
    free(pattern);
    if (search == INVALID_HANDLE_VALUE)
        return TRUE;
    do
    {
        BOOL part = !wcscmp(found.cFileName, L".") || !wcscmp(found.cFileName, L"..");
        for (size_t i = 0; !part && i < sizeof parts / sizeof *parts; i++)
            part = !_wcsicmp(found.cFileName, parts[i]);
        if (!part)
        {
            BAD("DestroyLayer '%s' holds '%s', which is no part of a layer", utf8(folder), utf8(found.cFileName));
            known = FALSE;
        }
    } while (FindNextFileW(search, &found));
    FindClose(search);
    return known;
}

HRESULT WINAPI DestroyLayer(const DriverInfo *info, const WCHAR *layer)
{
    BEGIN("DestroyLayer", layer);
    FAIL_IF_WANTED("DestroyLayer");
    if (!is_layer(layer))
        return 0x80070057;
    // Where a test fails an earlier step of the teardown, the later ones are tried all the same.
    if (is_marked(layer, ACTIVE) || is_marked(layer, PREPARED))
    {
        BAD_UNLESS_FAILING("DestroyLayer '%s' is still mounted", utf8(layer));
        return 0x80070020;
    }
    return !is_folder(layer) || remove_tree(layer) ? 0 : 0x80070020;
}

static BOOL ends_with(const WCHAR *name, const WCHAR *end)
{
    size_t length = wcslen(name), tail = wcslen(end);
    return length >= tail && !wcscmp(name + length - tail, end);
}

// A staged file without its frame: the attributes and the record headers go, the data stays.
static HRESULT copy_staged(const WCHAR *from, const WCHAR *to, BOOL framed)
{
    if (!framed)
        return CopyFileW(from, to, FALSE) ? 0 : HRESULT_FROM_WIN32(GetLastError());
    HANDLE in = CreateFileW(from, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (in == INVALID_HANDLE_VALUE)
        return HRESULT_FROM_WIN32(GetLastError());
    HANDLE out = CreateFileW(to, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    if (out == INVALID_HANDLE_VALUE)
    {
        CloseHandle(in);
        return HRESULT_FROM_WIN32(GetLastError());
    }
    unsigned char header[20], buffer[65536];
    DWORD read, written;
    HRESULT result = 0;
    if (!ReadFile(in, header, 4, &read, NULL) || read != 4)
        result = 0x8007000d;
    while (!result && ReadFile(in, header, 20, &read, NULL) && read == 20)
    {
        unsigned id, name;
        long long size;
        memcpy(&id, header, 4);
        memcpy(&size, header + 8, 8);
        memcpy(&name, header + 16, 4);
        for (long long left = name + size; left > 0; left -= read)
        {
            if (!ReadFile(in, buffer, (DWORD)(left < (long long)sizeof buffer ? left : (long long)sizeof buffer), &read, NULL) || !read)
            {
                result = 0x8007000d;
                break;
            }
            if (id == 1)
                WriteFile(out, buffer, read, &written, NULL);
        }
    }
    CloseHandle(in);
    CloseHandle(out);
    return result;
}

static HRESULT import_folder(const WCHAR *from, const WCHAR *to, BOOL hives)
{
    WIN32_FIND_DATAW found;
    HRESULT result = 0;
    WCHAR *pattern = _wcsdup(join(from, L"*"));
    HANDLE search = FindFirstFileW(pattern, &found);
    free(pattern);
    if (search == INVALID_HANDLE_VALUE)
        return 0;
    do
    {
        if (!wcscmp(found.cFileName, L".") || !wcscmp(found.cFileName, L".."))
            continue;
        WCHAR *source = _wcsdup(join(from, found.cFileName));
        WCHAR *target = _wcsdup(join(to, found.cFileName));
        if (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
        {
            // Without its marker Windows fails the import.
            WCHAR *marker = malloc((wcslen(source) + 16) * sizeof(WCHAR));
            wcscpy(marker, source);
            wcscat(marker, L".$wcidirs$");
            if (!exists(marker))
            {
                BAD("ImportLayer '%s' has no marker", utf8(source));
                result = 0x80070002;
            }
            free(marker);
            CreateDirectoryW(target, NULL);
            if (!result)
                result = import_folder(source, target, hives || !wcscmp(found.cFileName, L"Hives"));
        }
        else if (!ends_with(found.cFileName, L".$wcidirs$"))
            result = copy_staged(source, target, !hives);
        free(source);
        free(target);
    } while (!result && FindNextFileW(search, &found));
    FindClose(search);
    return result;
}

HRESULT WINAPI ImportLayer(const DriverInfo *info, const WCHAR *layer, const WCHAR *folder, const LayerDescriptor *layers, unsigned count)
{
    CALL("ImportLayer %s", utf8(layer));
    check_info("ImportLayer", info);
    check_long("ImportLayer", "layer", layer);
    CALL("ImportLayer.folder %s", utf8(folder));
    check_plain("ImportLayer", "folder", folder);
    check_layers("ImportLayer", layers, count);
    if (count == 0)
        BAD("ImportLayer has no parents");
    const WCHAR *bare = is_prefixed(layer) && !is_prefixed(folder) ? layer + 4 : layer;
    if (!wcsncmp(folder, bare, wcslen(bare)) && (folder[wcslen(bare)] == L'\\' || !folder[wcslen(bare)]))
        BAD("ImportLayer stages in the layer's own folder");
    if (exists(join(folder, L"tombstones.txt")))
        BAD("ImportLayer finds tombstones.txt");
    FAIL_IF_WANTED("ImportLayer");
    if (!is_folder(layer))
        return 0x80070003;
    return import_folder(folder, layer, FALSE);
}

static void set_written(const WCHAR *path, unsigned long long time)
{
    FILETIME write = { (DWORD)time, (DWORD)(time >> 32) };
    HANDLE file = CreateFileW(path, FILE_WRITE_ATTRIBUTES, 7, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return;
    SetFileTime(file, NULL, NULL, &write);
    CloseHandle(file);
}

HRESULT WINAPI ExportLayer(const DriverInfo *info, const WCHAR *layer, const WCHAR *folder, const LayerDescriptor *layers, unsigned count)
{
    BEGIN("ExportLayer", layer);
    CALL("ExportLayer.folder %s", utf8(folder));
    check_plain("ExportLayer", "folder", folder);
    check_layers("ExportLayer", layers, count);
    FAIL_IF_WANTED("ExportLayer");
    if (!is_folder(folder))
    {
        BAD("ExportLayer '%s' is no folder", utf8(folder));
        return 0x80070003;
    }

    // Of a layer with a disk the disk is exported: attached, without the filter, and prepared before.
    if (exists(join(layer, L"sandbox.vhdx")))
    {
        if (!is_marked(layer, ACTIVE) || is_marked(layer, PREPARED) || !is_marked(layer, READIED))
        {
            BAD("ExportLayer '%s' is %sactive, %sprepared, was %sprepared before", utf8(layer), is_marked(layer, ACTIVE) ? "" : "not ",
                is_marked(layer, PREPARED) ? "" : "not ", is_marked(layer, READIED) ? "" : "not ");
            return 0x80070015;
        }
    }
    else if (!is_folder(join(layer, L"Files")))
        return 0x80070003;

    // What a layer with one file, one removal and a hive looks like.
    static const unsigned char directory[] = { 0x10, 0, 0, 0 };
    static const unsigned char file[] = { 0x20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'n', 'e', 'w' };
    static const char tombstones[] = "\xef\xbb\xbfVersion 1.0\n\\old.txt\n";
    WCHAR *files = _wcsdup(join(folder, L"Files"));
    WCHAR *hives = _wcsdup(join(folder, L"Hives"));
    CreateDirectoryW(files, NULL);
    CreateDirectoryW(hives, NULL);
    write_bytes(join(folder, L"Files.$wcidirs$"), directory, sizeof directory);
    write_bytes(join(folder, L"Hives.$wcidirs$"), directory, sizeof directory);
    write_bytes(join(files, L"new.txt"), file, sizeof file);
    write_bytes(join(hives, L"System_Delta"), "regf-sys", 8);
    write_bytes(join(folder, L"tombstones.txt"), tombstones, sizeof tombstones - 1);
    // Times of the layer; that of change is the file system's, since Wine cannot set it.
    set_written(join(files, L"new.txt"), 133000000000000000);
    set_written(join(hives, L"System_Delta"), 133100000000000000);
    free(files);
    free(hives);
    return 0;
}

HRESULT WINAPI NameToGuid(const WCHAR *name, GUID *id)
{
    CALL("NameToGuid %s", utf8(name));
    FAIL_IF_WANTED("NameToGuid");
    if (!name || !*name || wcschr(name, L'\\') || wcschr(name, L'/'))
        BAD("NameToGuid '%s' is not the last part of a path", utf8(name));
    if (!id)
        return 0x80070057;
    name_to_guid(name, id);
    return 0;
}

HRESULT WINAPI ProcessBaseImage(const WCHAR *path)
{
    CALL("ProcessBaseImage %s", utf8(path));
    check_long("ProcessBaseImage", "path", path);
    FAIL_IF_WANTED("ProcessBaseImage");
    if (!is_folder(join(path, L"Files")))
        return 0x80070003;
    write_disk(join(path, L"blank-base.vhdx"), NULL);
    write_disk(join(path, L"blank.vhdx"), join(path, L"blank-base.vhdx"));
    return 0;
}

HRESULT WINAPI ProcessUtilityImage(const WCHAR *path)
{
    CALL("ProcessUtilityImage %s", utf8(path));
    check_long("ProcessUtilityImage", "path", path);
    FAIL_IF_WANTED("ProcessUtilityImage");
    if (!is_folder(join(path, L"Files")))
        return 0x80070003;
    write_disk(join(path, L"SystemTemplateBase.vhdx"), NULL);
    write_disk(join(path, L"SystemTemplate.vhdx"), join(path, L"SystemTemplateBase.vhdx"));
    return 0;
}

HRESULT WINAPI GrantVmAccess(const WCHAR *vm, const WCHAR *file)
{
    CALL("GrantVmAccess %s %s", utf8(vm), utf8(file));
    check_plain("GrantVmAccess", "file", file);
    // Any text; what could be a GUID is one in lower case without braces.
    if (!vm || !*vm || vm[0] == L'{')
        BAD("GrantVmAccess vm id '%s' is empty or in braces", utf8(vm));
    BOOL guid = vm && wcslen(vm) == 36 && vm[8] == L'-' && vm[13] == L'-' && vm[18] == L'-' && vm[23] == L'-';
    for (const WCHAR *c = vm; guid && *c; c++)
    {
        if (*c >= L'A' && *c <= L'F')
            BAD("GrantVmAccess vm id '%s' is not in lower-case digits", utf8(vm));
    }
    FAIL_IF_WANTED("GrantVmAccess");
    if (wcslen(file) > 5 && !_wcsicmp(file + wcslen(file) - 5, L".vhdx"))
        check_disk("GrantVmAccess", file);
    return exists(file) ? 0 : 0x80070002;
}
