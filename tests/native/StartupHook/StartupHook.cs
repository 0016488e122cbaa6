using System.Reflection;
using System.Runtime.InteropServices;

/// <summary>
/// Gives the assembly that calls Windows stand-ins for kernel32 and ntdll, and has them tell of files that are still open at the end. The
/// runtime asks for a type of this name, outside any namespace.
/// </summary>
internal static class StartupHook
{
    private delegate int ReportOpenFiles(nint folder);

    public static void Initialize()
    {
        string path = Environment.GetEnvironmentVariable("STANDIN_DLL")
            ?? throw new InvalidOperationException("STANDIN_DLL names the stand-in library.");
        nint library = NativeLibrary.Load(path);
        NativeLibrary.SetDllImportResolver(Assembly.Load("WinLayers.Windows"),
            (name, _, _) => name is "kernel32.dll" or "ntdll.dll" ? library : 0);
        ReportOpenFiles report =
            Marshal.GetDelegateForFunctionPointer<ReportOpenFiles>(NativeLibrary.GetExport(library, "standin_open_files"));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => report(0);
    }
}
