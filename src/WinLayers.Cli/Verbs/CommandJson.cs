using System.Text.Json.Serialization;
using WinLayers.Cli.Verbs.Windows;

namespace WinLayers.Cli.Verbs;

/// <summary>
/// The documents that <c>--json</c> prints. Their fields are a promise: docs/commands.md lists them, and they are only added to.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(CollectionDocument))]
[JsonSerializable(typeof(CopyDocument))]
[JsonSerializable(typeof(CopyListDocument))]
[JsonSerializable(typeof(DeletedDocument))]
[JsonSerializable(typeof(DigestDocument))]
[JsonSerializable(typeof(DoctorDocument))]
[JsonSerializable(typeof(ExportedDocument))]
[JsonSerializable(typeof(ExtractedDocument))]
[JsonSerializable(typeof(InspectedFolder))]
[JsonSerializable(typeof(InspectedImage))]
[JsonSerializable(typeof(LintDocument))]
[JsonSerializable(typeof(ListedFiles))]
[JsonSerializable(typeof(ListedImages))]
[JsonSerializable(typeof(LoginDocument))]
[JsonSerializable(typeof(LogoutDocument))]
[JsonSerializable(typeof(PlatformDocument))]
[JsonSerializable(typeof(RepairDocument))]
[JsonSerializable(typeof(ScratchDocument))]
[JsonSerializable(typeof(StagedDocument))]
[JsonSerializable(typeof(TagsDocument))]
[JsonSerializable(typeof(UnpackedDocument))]
[JsonSerializable(typeof(UtilityVmDocument))]
[JsonSerializable(typeof(VerificationDocument))]
[JsonSerializable(typeof(VersionDocument))]
internal sealed partial class CommandJson : JsonSerializerContext;
