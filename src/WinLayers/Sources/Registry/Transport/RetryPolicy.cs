using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace WinLayers.Sources.Registry.Transport;

/// <summary>The one place that says what is repeated, how often and how long apart.</summary>
internal static class RetryPolicy
{
    /// <summary>A pipeline that repeats what failed in passing, with exponential waits and jitter; the last error surfaces as it is.</summary>
    public static ResiliencePipeline Create(RegistryOptions options, int retries, ILogger logger)
    {
        if (retries <= 0)
            return ResiliencePipeline.Empty;
        var retry = new RetryStrategyOptions
        {
            MaxRetryAttempts = retries,
            Delay = options.RetryDelay,
            MaxDelay = options.LongestRetryDelay,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = args => ValueTask.FromResult(
                args.Outcome.Exception is RegistryException { IsTransient: true } e && !(e.RetryAfter > options.LongestRetryDelay)),
            DelayGenerator = static args => ValueTask.FromResult((args.Outcome.Exception as RegistryException)?.RetryAfter),
            OnRetry = args =>
            {
                logger.LogWarning("{Problem} Trying again in {Delay:0.0} s.", args.Outcome.Exception?.Message, args.RetryDelay.TotalSeconds);
                return ValueTask.CompletedTask;
            },
        };
        return new ResiliencePipelineBuilder { TimeProvider = options.TimeProvider }.AddRetry(retry).Build();
    }
}
