using System.Diagnostics;
using System.Runtime.InteropServices;

namespace WinLayers.IntegrationTests.Testing;

/// <summary>What a terminal sends to a process.</summary>
internal static class Signals
{
    /// <summary>As if the user had pressed Ctrl-C.</summary>
    public static void Interrupt(Process process) => Assert.Equal(0, Kill(process.Id, 2));

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
