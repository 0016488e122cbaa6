using System.Reflection;

namespace WinLayers.Oci.Tests;

public sealed class PublicSurfaceTests
{
    [Fact]
    public void EveryCancellationToken_IsLastAndMayBeLeftOut()
    {
        IEnumerable<string> others =
            from type in typeof(ImageTransports).Assembly.GetExportedTypes()
            where !typeof(Delegate).IsAssignableFrom(type)
            from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            where method.GetBaseDefinition().DeclaringType!.Assembly == type.Assembly
            let token = method.GetParameters().FirstOrDefault(static parameter => parameter.ParameterType == typeof(CancellationToken))
            where token is not null && !(token.IsOptional && token.Position == method.GetParameters().Length - 1)
            select $"{type}.{method.Name}";
        Assert.Empty(others);
    }
}
