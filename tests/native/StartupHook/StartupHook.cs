using System.Reflection;
using System.Runtime.InteropServices;

/// <summary>Gives the product's assembly stand-ins for kernel32 and ntdll. The runtime asks for a type of this name, outside any namespace.</summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        string library = Environment.GetEnvironmentVariable("STANDIN_DLL")
            ?? throw new InvalidOperationException("STANDIN_DLL names the stand-in library.");
        NativeLibrary.SetDllImportResolver(Assembly.Load("WinLayers"), (name, _, _) =>
            name is "kernel32.dll" or "ntdll.dll" ? NativeLibrary.Load(library) : 0);
    }
}
