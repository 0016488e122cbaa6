using Microsoft.Extensions.Logging;
using WinLayers.Windows.Errors;

namespace WinLayers.Windows.Interop;

/// <summary>Tells of each call of the host before it is made, and of those that fail.</summary>
internal sealed partial class CallLog(ILogger logger)
{
    internal void Run(string call, string? subject, Action native)
    {
        Run(call, subject, () =>
        {
            native();
            return 0;
        });
    }

    internal T Run<T>(string call, string? subject, Func<T> native)
    {
        LogCall(call, subject);
        try
        {
            return native();
        }
        catch (HostCallException failure)
        {
            LogFailure(call, subject, failure.ErrorCode);
            throw;
        }
    }

    [LoggerMessage(LogLevel.Debug, "{Call} on '{Subject}'")]
    private partial void LogCall(string call, string? subject);

    [LoggerMessage(LogLevel.Debug, "{Call} on '{Subject}' failed with 0x{Code:X8}")]
    private partial void LogFailure(string call, string? subject, int code);
}
