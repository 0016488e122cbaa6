using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace WinLayers.Tests.House;

/// <summary>
/// The public surface is what PublicApi.txt says: a change of it is a decision. After one that is meant, run the tests with
/// WINLAYERS_REGENERATE=1 and look at the difference.
/// </summary>
public sealed class PublicApiTests
{
    private const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(char)] = "char",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(ushort)] = "ushort",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    private static string Baseline => Path.Combine(Repository.Root, "tests", "WinLayers.Tests", "House", "PublicApi.txt");

    [Fact]
    public void PublicSurface_IsAsRecorded()
    {
        string surface = Describe(typeof(LayerRule).Assembly);
        if (Environment.GetEnvironmentVariable("WINLAYERS_REGENERATE") == "1")
            File.WriteAllText(Baseline, surface);
        else
            Assert.Equal(File.ReadAllText(Baseline).ReplaceLineEndings("\n"), surface);
    }

    // Unsealed are those alone of which this library has kinds itself.
    [Fact]
    public void PublicClasses_AreSealed_UnlessTheLibraryDerivesFromThem()
    {
        Type[] all = typeof(LayerRule).Assembly.GetTypes();
        Assert.DoesNotContain(all, type => type is { IsVisible: true, IsClass: true, IsSealed: false, IsAbstract: false } && !all.Any(other => other.BaseType == type));
    }

    [Fact]
    public void PublicExceptions_AreOfTheOneFamily() =>
        Assert.DoesNotContain(typeof(LayerRule).Assembly.GetExportedTypes(), type => type.IsSubclassOf(typeof(Exception)) && !type.IsAssignableTo(typeof(WinLayersException)));

    private static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{KindOf(type)} {type.FullName!.Replace('+', '.')}{BasesOf(type)}\n");
            foreach (string member in type.GetMembers(Declared).Select(MemberOf).OfType<string>().Order(StringComparer.Ordinal))
                text.Append(CultureInfo.InvariantCulture, $"    {member}\n");
        }

        return text.ToString();
    }

    private static string KindOf(Type type) =>
        type.IsEnum ? "enum"
        : type.IsInterface ? "interface"
        : type.IsAssignableTo(typeof(Delegate)) ? "delegate"
        : type.IsValueType ? "struct"
        : type is { IsAbstract: true, IsSealed: true } ? "static class"
        : type.IsAbstract ? "abstract class"
        : "class";

    private static string BasesOf(Type type)
    {
        Type? parent = type.BaseType;
        return parent is null || parent == typeof(object) || parent == typeof(ValueType) || parent == typeof(Enum) ? "" : $" : {NameOf(parent)}";
    }

    private static string? MemberOf(MemberInfo member) => member switch
    {
        _ when member.IsDefined(typeof(CompilerGeneratedAttribute)) && member is not FieldInfo => null,
        FieldInfo { IsSpecialName: false } field when IsVisible(field.Attributes) => field.IsLiteral && field.DeclaringType!.IsEnum
            ? $"{field.Name} = {Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}"
            : $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{NameOf(field.FieldType)} {field.Name}",
        PropertyInfo property when new[] { property.GetMethod, property.SetMethod }.Any(IsVisible) =>
            $"{(property.GetMethod ?? property.SetMethod!) switch { { IsStatic: true } => "static ", _ => "" }}{NameOf(property.PropertyType)} {property.Name} {{{(IsVisible(property.GetMethod) ? " get;" : "")}{(IsVisible(property.SetMethod) ? IsInit(property) ? " init;" : " set;" : "")} }}",
        ConstructorInfo constructor when IsVisible(constructor) => $"{constructor.DeclaringType!.Name}({ParametersOf(constructor)})",
        MethodInfo method when IsVisible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) =>
            $"{(method.IsStatic ? "static " : "")}{NameOf(method.ReturnType)} {method.Name}{(method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(NameOf))}>" : "")}({ParametersOf(method)})",
        _ => null,
    };

    private static bool IsInit(PropertyInfo property) => property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static bool IsVisible(MethodBase? method) => method is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true };

    private static bool IsVisible(FieldAttributes attributes) => (attributes & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem;

    private static string ParametersOf(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{NameOf(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? $" = {parameter.RawDefaultValue ?? "null"}" : "")}"));

    private static string NameOf(Type type)
    {
        if (type.IsByRef)
            return $"ref {NameOf(type.GetElementType()!)}";
        if (type.IsArray)
            return $"{NameOf(type.GetElementType()!)}[]";
        if (Nullable.GetUnderlyingType(type) is { } value)
            return $"{NameOf(value)}?";
        if (Keywords.TryGetValue(type, out string? keyword))
            return keyword;
        string name = type.IsNested && !type.IsGenericParameter ? $"{NameOf(type.DeclaringType!)}.{type.Name}" : type.Name;
        int arity = name.IndexOf('`', StringComparison.Ordinal);
        return arity < 0 ? name : $"{name[..arity]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>";
    }
}
