using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace WinLayers.Oci.Registries.Transport;

/// <summary>The one place that says what is repeated, how often and how long apart.</summary>
internal static partial class RetryPolicy
{
    // What nobody has ever answered from is given two more tries.
    private const int RetriesOfNobody = 2;

    // Shorter waits are not worth a person's attention.
    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(3);

    /// <summary>
    /// A pipeline that repeats what failed in passing, with exponential waits and jitter; the last error surfaces as it is.
    /// </summary>
    public static ResiliencePipeline Create(RegistryOptions options, int retries, ILogger logger)
    {
        if (retries <= 0)
            return ResiliencePipeline.Empty;
        var retry = new RetryStrategyOptions
        {
            MaxRetryAttempts = retries,
            Delay = options.RetryDelay,
            MaxDelay = options.MaxRetryDelay,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = args => ValueTask.FromResult(
                args.Outcome.Exception is RegistryException { IsTransient: true } e && !(e.RetryAfter > options.MaxRetryDelay)
                && !(e is RegistryUnreachableException { NeverAnswered: true } && args.AttemptNumber >= RetriesOfNobody)),
            DelayGenerator = args => ValueTask.FromResult(
                args.Outcome.Exception is RegistryUnreachableException { NeverAnswered: true } ? options.RetryDelay
                    : (args.Outcome.Exception as RegistryException)?.RetryAfter),
            OnRetry = args =>
            {
                LogLevel level = args.RetryDelay > LongWait ? LogLevel.Warning : LogLevel.Information;
                LogTryingAgain(logger, level, args.Outcome.Exception?.Message, args.RetryDelay.TotalSeconds);
                return ValueTask.CompletedTask;
            },
        };
        return new ResiliencePipelineBuilder { TimeProvider = options.TimeProvider }.AddRetry(retry).Build();
    }

    [LoggerMessage(Message = "{Problem} Trying again in {Delay:0.0} s.")]
    private static partial void LogTryingAgain(ILogger logger, LogLevel level, string? problem, double delay);
}
