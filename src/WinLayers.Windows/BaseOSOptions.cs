using System.Text.Json;
using System.Text.Json.Serialization;

namespace WinLayers.Windows;

/// <summary>What a base layer is set up for.</summary>
public enum BaseOSType
{
    /// <summary>Containers.</summary>
    Container,

    /// <summary>The virtual machine that containers run in.</summary>
    Vm,
}

/// <summary>How a base layer is set up (OsLayerOptions).</summary>
public sealed record BaseOSOptions
{
    /// <summary>What it is for.</summary>
    public required BaseOSType Type { get; init; }

    /// <summary>Leaves out what speeds up the check of signed code.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool DisableCiCacheOptimization { get; init; }

    /// <summary>Leaves the boot configuration as it is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool SkipUpdateBcdForBoot { get; init; }

    /// <summary>The document that the calls take.</summary>
    internal string ToJson() => JsonSerializer.Serialize(this, BaseOSOptionsContext.Default.BaseOSOptions);
}

[JsonSerializable(typeof(BaseOSOptions))]
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
internal sealed partial class BaseOSOptionsContext : JsonSerializerContext;
