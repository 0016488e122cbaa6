using WinLayers.Volumes;
using WinLayers.Windows.Errors;

namespace WinLayers.Windows.Interop;

/// <summary>
/// Runs a native call and turns what can go wrong into exceptions: the library or function is missing, or the call fails.
/// </summary>
internal static class HostCall
{
    internal static void Run(string library, string call, string? layer, LayerChain chain, Func<int> native)
    {
        int result = Invoke(library, call, native);
        if (result < 0)
            throw new HostCallException(call, result, layer, chain);
    }

    internal static void Run(string library, string call, string? layer, Func<int> native) => Run(library, call, layer, [], native);

    internal static T Invoke<T>(string library, string call, Func<T> native)
    {
        try
        {
            return native();
        }
        catch (DllNotFoundException e)
        {
            throw HostNotSupportedException.MissingLibrary(library, call, e);
        }
        catch (EntryPointNotFoundException e)
        {
            throw HostNotSupportedException.MissingFunction(library, call, e);
        }
    }
}
