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
    }
}

static void check_text(const char *function, const char *what, const WCHAR *text)
{
    if (!text)
        BAD("%s %s is null", function, what);
}

static void check_handle(const char *function, HANDLE handle)
{
    if (!handle || handle == INVALID_HANDLE_VALUE)
        BAD("%s has no handle", function);
}

#define SIMPLE(function, path) \
    CALL(function " %s", utf8(path)); \
    check_text(function, "path", path)

HRESULT WINAPI HcsImportLayer(const WCHAR *layer, const WCHAR *source, const WCHAR *data)
{
    SIMPLE("HcsImportLayer", layer);
    check_path("HcsImportLayer", "source", source);
    check_layer_data("HcsImportLayer", data);
    FAIL_IF_WANTED("HcsImportLayer");
    return 0;
}

HRESULT WINAPI HcsExportLayer(const WCHAR *layer, const WCHAR *folder, const WCHAR *data, const WCHAR *options)
{
    SIMPLE("HcsExportLayer", layer);
    check_path("HcsExportLayer", "folder", folder);
    check_layer_data("HcsExportLayer", data);
    if (!options || wcscmp(options, L"{\"IsWritableLayer\":true}") != 0)
        BAD("HcsExportLayer options are %s", utf8(options));
    FAIL_IF_WANTED("HcsExportLayer");
    return 0;
}

HRESULT WINAPI HcsDestroyLayer(const WCHAR *layer)
{
    SIMPLE("HcsDestroyLayer", layer);
    FAIL_IF_WANTED("HcsDestroyLayer");
    return 0;
}

static void check_os_options(const char *function, const WCHAR *options)
{
    if (!options || (wcscmp(options, L"{\"Type\":\"Container\"}") != 0 && wcscmp(options, L"{\"Type\":\"Vm\"}") != 0))
        BAD("%s options are %s", function, utf8(options));
}

HRESULT WINAPI HcsSetupBaseOSLayer(const WCHAR *layer, HANDLE disk, const WCHAR *options)
{
    SIMPLE("HcsSetupBaseOSLayer", layer);
    check_handle("HcsSetupBaseOSLayer", disk);
    check_os_options("HcsSetupBaseOSLayer", options);
    FAIL_IF_WANTED("HcsSetupBaseOSLayer");
    return 0;
}

// HcsSetupBaseOSVolume is left out: an older build lacks it, and the test expects a clear error.

HRESULT WINAPI HcsInitializeWritableLayer(const WCHAR *layer, const WCHAR *data, const WCHAR *options)
{
    SIMPLE("HcsInitializeWritableLayer", layer);
    check_layer_data("HcsInitializeWritableLayer", data);
    check_text("HcsInitializeWritableLayer", "options", options);
    FAIL_IF_WANTED("HcsInitializeWritableLayer");
    return 0;
}

HRESULT WINAPI HcsAttachLayerStorageFilter(const WCHAR *layer, const WCHAR *data)
{
    SIMPLE("HcsAttachLayerStorageFilter", layer);
    check_layer_data("HcsAttachLayerStorageFilter", data);
    FAIL_IF_WANTED("HcsAttachLayerStorageFilter");
    return 0;
}

HRESULT WINAPI HcsDetachLayerStorageFilter(const WCHAR *layer)
{
    SIMPLE("HcsDetachLayerStorageFilter", layer);
    FAIL_IF_WANTED("HcsDetachLayerStorageFilter");
    return 0;
}

HRESULT WINAPI HcsAttachOverlayFilter(const WCHAR *volume, const WCHAR *data)
{
    SIMPLE("HcsAttachOverlayFilter", volume);
    check_layer_data("HcsAttachOverlayFilter", data);
    FAIL_IF_WANTED("HcsAttachOverlayFilter");
    return 0;
}

HRESULT WINAPI HcsDetachOverlayFilter(const WCHAR *volume, const WCHAR *data)
{
    SIMPLE("HcsDetachOverlayFilter", volume);
    check_layer_data("HcsDetachOverlayFilter", data);
    FAIL_IF_WANTED("HcsDetachOverlayFilter");
    return 0;
}

HRESULT WINAPI HcsFormatWritableLayerVhd(HANDLE disk)
{
    CALL("HcsFormatWritableLayerVhd");
    check_handle("HcsFormatWritableLayerVhd", disk);
    FAIL_IF_WANTED("HcsFormatWritableLayerVhd");
    return 0;
}

HRESULT WINAPI HcsGetLayerVhdMountPath(HANDLE disk, WCHAR **path)
{
    static const WCHAR volume[] = L"\\\\?\\Volume{22345678-1234-1234-1234-123456789abc}";
    CALL("HcsGetLayerVhdMountPath");
    check_handle("HcsGetLayerVhdMountPath", disk);
    FAIL_IF_WANTED("HcsGetLayerVhdMountPath");
    if (!path)
        return 0x80070057;
    // As virtdisk.c marks an attached disk; one that is not attached has no volume.
    static __thread WCHAR marker[33000];
    if (!GetFinalPathNameByHandleW(disk, marker, 32000, 0) || !exists(wcscat(marker, L".attached")))
        return 0x80070037;
    // Freed by the caller with LocalFree.
    *path = LocalAlloc(0, sizeof volume);
    memcpy(*path, volume, sizeof volume);
    return 0;
}
