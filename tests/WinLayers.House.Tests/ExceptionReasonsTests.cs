using System.Reflection;
using WinLayers.Formats;
using WinLayers.Testing;

namespace WinLayers.House.Tests;

/// <summary>Exceptions are told apart by their type or by a public reason; every reason has a code of its own.</summary>
public sealed class ExceptionReasonsTests
{
    private static readonly Type[] Exceptions =
        [.. Repository.Packages.SelectMany(package => package.GetTypes()).Where(type => typeof(Exception).IsAssignableFrom(type))];

    public static TheoryData<Type> WithAReason =>
        [.. Exceptions.Where(type => type.IsPublic && type.GetProperty("Reason", BindingFlags.Instance | BindingFlags.Public) is not null)];

    [Theory]
    [MemberData(nameof(WithAReason))]
    public void EveryReason_HasItsOwnCode(Type exception)
    {
        Type reasons = exception.GetProperty("Reason")!.PropertyType;
        MethodInfo codeOf = exception.GetMethod("CodeOf", BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public, [reasons])!;
        string[] codes = [.. Enum.GetValues(reasons).Cast<object>().Select(reason => (string)codeOf.Invoke(null, [reason])!)];

        Assert.True(codes.Length > 1, "One reason tells nothing apart.");
        Assert.All(codes, code => Assert.Matches("^WCL[0-9]{4}$", code));
        Assert.Equal(codes.Length, codes.Distinct().Count());
    }

    [Fact]
    public void NoCode_BelongsToTwoExceptions()
    {
        var owners =
            from exception in WithAReason.Select(row => row.Data)
            let reasons = exception.GetProperty("Reason")!.PropertyType
            let codeOf = exception.GetMethod("CodeOf", BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public, [reasons])!
            from object reason in Enum.GetValues(reasons)
            select (Code: (string)codeOf.Invoke(null, [reason])!, exception.Name);
        Assert.Equal([], owners.GroupBy(owner => owner.Code).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    [Fact]
    public void NoException_HasInternalCodes()
    {
        IEnumerable<string> codes =
            from type in Exceptions
            from field in type.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly)
            where field.IsLiteral && field.FieldType == typeof(string)
                && ((string)field.GetRawConstantValue()!).StartsWith("WCL", StringComparison.Ordinal)
            select $"{type.Name}.{field.Name}";
        Assert.Empty(codes);
    }

    [Fact]
    public void EveryPublicException_HasACode() =>
        Assert.Empty(
            Exceptions.Where(type => type.IsPublic && !typeof(WinLayersException).IsAssignableFrom(type)).Select(type => type.FullName));
}
