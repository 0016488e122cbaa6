// The layer calls of computestorage.dll.
#include "standin.h"

// The document that layer data has to be: exactly these names, in this order.
static void check_layer_data(const char *function, const WCHAR *data)
{
    static const WCHAR start[] = L"{\"SchemaVersion\":{\"Major\":2,\"Minor\":1}";
    CALL("%s.layerData %s", function, utf8(data));
    if (!data || wcsncmp(data, start, wcslen(start)) != 0)
    {
        BAD("%s layer data is %s", function, utf8(data));
        return;
    }
    const WCHAR *rest = data + wcslen(start);
    if (!wcscmp(rest, L"}"))
        return;
    static const WCHAR layers[] = L",\"Layers\":[{\"Id\":\"";
    if (wcsncmp(rest, layers, wcslen(layers)) != 0)
        BAD("%s layers are %s", function, utf8(rest));
    for (const WCHAR *layer = wcsstr(rest, L"{\"Id\":\""); layer; layer = wcsstr(layer + 1, L"{\"Id\":\""))
    {
        const WCHAR *id = layer + 7;
        if (wcsncmp(id + 36, L"\",\"Path\":\"", 10) != 0)
            BAD("%s layer is %s", function, utf8(layer));
        else if (!wcsncmp(id + 46, L"\\\\\\\\?", 5))
            BAD("%s layer has a prefix: %s", function, utf8(layer));
    }
}

static void check_text(const char *function, const char *what, const WCHAR *text)
{
    if (!text)
        BAD("%s %s is null", function, what);
}

// Whether it is a handle of virtdisk.dll: one of the disk's file alone is 0x80070057 (up to Server 2019 it was the other way round).
static BOOL check_disk_handle(const char *function, HANDLE disk, FileId *id)
{
    if (is_disk(disk, id))
        return TRUE;
    BAD("%s is not given a handle of a virtual disk", function);
    return FALSE;
}

// A volume's path says which disk it is on; with or without the backslash at its end.
#define VOLUME L"\\\\?\\Volume{%8.8hs-5354-4a4e-4449-0000%8.8hs}"

static BOOL volume_of(const char *function, const WCHAR *volume, FileId *id)
{
    static const WCHAR start[] = L"\\\\?\\Volume{";
    if (volume && wcslen(volume) >= 47 && !wcsncmp(volume, start, 11) && volume[47] == L'}' && (!volume[48] || !wcscmp(volume + 48, L"\\")))
    {
        snprintf(id->text, sizeof id->text, "%.8ls%.8ls", volume + 11, volume + 39);
        if (is_so(id, "attached"))
            return TRUE;
        BAD_UNLESS_FAILING("%s '%s' is on no attached disk", function, utf8(volume));
        return FALSE;
    }
    BAD("%s '%s' is not the path of a layer's volume", function, utf8(volume));
    return FALSE;
}

static BOOL check_folder(const char *function, const char *what, const WCHAR *folder)
{
    if (is_folder(folder))
        return TRUE;
    BAD("%s %s '%s' is no folder", function, what, utf8(folder));
    return FALSE;
}

#define SIMPLE(function, path) \
    CALL(function " %s", utf8(path)); \
    check_text(function, "path", path)

// The same for a layer that is named by its folder.
#define SIMPLE_FOLDER(function, path) \
    CALL(function " %s", utf8(path)); \
    check_plain(function, "layer", path)

HRESULT WINAPI HcsImportLayer(const WCHAR *layer, const WCHAR *source, const WCHAR *data)
{
    SIMPLE_FOLDER("HcsImportLayer", layer);
    check_plain("HcsImportLayer", "source", source);
    check_layer_data("HcsImportLayer", data);
    FAIL_IF_WANTED("HcsImportLayer");
    return check_folder("HcsImportLayer", "layer", layer) && check_folder("HcsImportLayer", "source", source) ? 0 : 0x80070003;
}

HRESULT WINAPI HcsExportLayer(const WCHAR *layer, const WCHAR *folder, const WCHAR *data, const WCHAR *options)
{
    SIMPLE("HcsExportLayer", layer);
    check_plain("HcsExportLayer", "folder", folder);
    check_layer_data("HcsExportLayer", data);
    if (!options || wcscmp(options, L"{\"IsWritableLayer\":true}") != 0)
        BAD("HcsExportLayer options are %s", utf8(options));
    FAIL_IF_WANTED("HcsExportLayer");
    FileId id;
    if (!volume_of("HcsExportLayer", layer, &id) || !check_folder("HcsExportLayer", "folder", folder))
        return 0x80070003;
    // The disk is exported: attached, without the filter, and initialized before.
    if (is_so(&id, "filtered") || !is_so(&id, "initialized"))
        BAD("HcsExportLayer: the filter is attached, or the layer was never initialized");
    write_bytes(join(folder, L"tombstones.txt"), "\xef\xbb\xbfVersion 1.0\n", 15);
    return 0;
}

HRESULT WINAPI HcsDestroyLayer(const WCHAR *layer)
{
    SIMPLE_FOLDER("HcsDestroyLayer", layer);
    FAIL_IF_WANTED("HcsDestroyLayer");
    return check_folder("HcsDestroyLayer", "layer", layer) ? 0 : 0x80070003;
}

static void check_os_options(const char *function, const WCHAR *options)
{
    if (!options || (wcscmp(options, L"{\"Type\":\"Container\"}") != 0 && wcscmp(options, L"{\"Type\":\"Vm\"}") != 0))
        BAD("%s options are %s", function, utf8(options));
}

HRESULT WINAPI HcsSetupBaseOSLayer(const WCHAR *layer, HANDLE disk, const WCHAR *options)
{
    SIMPLE_FOLDER("HcsSetupBaseOSLayer", layer);
    check_os_options("HcsSetupBaseOSLayer", options);
    FAIL_IF_WANTED("HcsSetupBaseOSLayer");
    // For containers there is no disk, and for a machine an attached one.
    if (options && !wcscmp(options, L"{\"Type\":\"Container\"}"))
    {
        if (disk)
            BAD("HcsSetupBaseOSLayer is given a disk for containers");
        return disk ? 0x80070057 : 0;
    }
    FileId id;
    if (!check_disk_handle("HcsSetupBaseOSLayer", disk, &id))
        return 0x80070057;
    if (!is_so(&id, "attached"))
        BAD("HcsSetupBaseOSLayer: the machine's disk is not attached");
    return 0;
}

// HcsSetupBaseOSVolume is left out: an older build lacks it, and the test expects a clear error.

HRESULT WINAPI HcsInitializeWritableLayer(const WCHAR *layer, const WCHAR *data, const WCHAR *options)
{
    SIMPLE("HcsInitializeWritableLayer", layer);
    check_layer_data("HcsInitializeWritableLayer", data);
    check_text("HcsInitializeWritableLayer", "options", options);
    FAIL_IF_WANTED("HcsInitializeWritableLayer");
    FileId id;
    if (!volume_of("HcsInitializeWritableLayer", layer, &id))
        return 0x80070003;
    if (!is_so(&id, "formatted"))
        BAD("HcsInitializeWritableLayer: the disk is not formatted");
    if (is_so(&id, "filtered"))
        BAD("HcsInitializeWritableLayer: the storage filter is attached already");
    if (is_so(&id, "initialized"))
        BAD("HcsInitializeWritableLayer: a second time, which undoes what was written");
    set_so(&id, "initialized");
    return 0;
}

HRESULT WINAPI HcsAttachLayerStorageFilter(const WCHAR *layer, const WCHAR *data)
{
    SIMPLE("HcsAttachLayerStorageFilter", layer);
    check_layer_data("HcsAttachLayerStorageFilter", data);
    FAIL_IF_WANTED("HcsAttachLayerStorageFilter");
    FileId id;
    if (!volume_of("HcsAttachLayerStorageFilter", layer, &id))
        return 0x80070003;
    if (!is_so(&id, "initialized"))
        BAD("HcsAttachLayerStorageFilter: the layer is not initialized");
    if (is_so(&id, "filtered"))
        BAD("HcsAttachLayerStorageFilter: it is attached already");
    set_so(&id, "filtered");
    return 0;
}

HRESULT WINAPI HcsDetachLayerStorageFilter(const WCHAR *layer)
{
    SIMPLE("HcsDetachLayerStorageFilter", layer);
    FAIL_IF_WANTED("HcsDetachLayerStorageFilter");
    FileId id;
    if (!volume_of("HcsDetachLayerStorageFilter", layer, &id))
        return 0x80070003;
    if (unset_so(&id, "filtered"))
        return 0;
    BAD_UNLESS_FAILING("HcsDetachLayerStorageFilter: it is not attached");
    return 0x80070490;
}

HRESULT WINAPI HcsAttachOverlayFilter(const WCHAR *volume, const WCHAR *data)
{
    SIMPLE("HcsAttachOverlayFilter", volume);
    check_layer_data("HcsAttachOverlayFilter", data);
    FAIL_IF_WANTED("HcsAttachOverlayFilter");
    FileId id;
    if (!volume_of("HcsAttachOverlayFilter", volume, &id))
        return 0x80070003;
    if (is_so(&id, "overlaid"))
        BAD("HcsAttachOverlayFilter: it is attached already");
    set_so(&id, "overlaid");
    return 0;
}

HRESULT WINAPI HcsDetachOverlayFilter(const WCHAR *volume, const WCHAR *data)
{
    SIMPLE("HcsDetachOverlayFilter", volume);
    check_layer_data("HcsDetachOverlayFilter", data);
    FAIL_IF_WANTED("HcsDetachOverlayFilter");
    FileId id;
    if (!volume_of("HcsDetachOverlayFilter", volume, &id))
        return 0x80070003;
    if (unset_so(&id, "overlaid"))
        return 0;
    BAD_UNLESS_FAILING("HcsDetachOverlayFilter: it is not attached");
    return 0x80070490;
}

HRESULT WINAPI HcsFormatWritableLayerVhd(HANDLE disk)
{
    CALL("HcsFormatWritableLayerVhd");
    FAIL_IF_WANTED("HcsFormatWritableLayerVhd");
    FileId id;
    if (!check_disk_handle("HcsFormatWritableLayerVhd", disk, &id))
        return 0x80070057;
    if (is_so(&id, "formatted"))
    {
        BAD("HcsFormatWritableLayerVhd: it is formatted already");
        return 0x80070057;
    }
    set_so(&id, "formatted");
    return 0;
}

HRESULT WINAPI HcsGetLayerVhdMountPath(HANDLE disk, WCHAR **path)
{
    CALL("HcsGetLayerVhdMountPath");
    FAIL_IF_WANTED("HcsGetLayerVhdMountPath");
    FileId id;
    if (!path || !check_disk_handle("HcsGetLayerVhdMountPath", disk, &id))
        return 0x80070057;
    if (!is_so(&id, "attached"))
        return HRESULT_FROM_WIN32(ERROR_DEV_NOT_EXIST);
    // Freed by the caller with LocalFree.
    *path = LocalAlloc(0, 64 * sizeof(WCHAR));
    _snwprintf(*path, 64, VOLUME, id.text, id.text + 8);
    return 0;
}
