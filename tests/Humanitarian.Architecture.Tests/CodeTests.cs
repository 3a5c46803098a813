using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Humanitarian.Architecture.Tests;

/// <summary>Habits of the code that a compiler does not hold.</summary>
public sealed class CodeTests
{
    private const int MaximumLines = 400;

    private const BindingFlags Own = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    /// <summary>Files that are longer, with their reasons; a number may only fall.</summary>
    private static readonly Dictionary<string, int> LongFiles = [];

    /// <summary>Static fields that grow, with their reasons.</summary>
    private static readonly string[] StaticState = [];

    private static readonly Type[] Inexact = [typeof(float), typeof(double), typeof(decimal), typeof(Half)];

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    public void A_file_has_at_most_400_lines(string folder) => Assert.All(Rooms.Sources(folder), file =>
        Assert.InRange(File.ReadLines(Path.Combine(Rooms.Root, file)).Count(), 0, LongFiles.GetValueOrDefault(file, MaximumLines)));

    [Fact]
    public void What_travels_has_an_alias() => Assert.All(
        Rooms.InOrder.SelectMany(Rooms.TypesOf).Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), false)),
        type => Assert.True(type.IsDefined(typeof(AliasAttribute), false), $"{type} has no alias"));

    [Fact]
    public void Aliases_are_not_used_twice()
    {
        var aliases = Rooms.InOrder.SelectMany(Rooms.TypesOf).Select(type => type.GetCustomAttribute<AliasAttribute>(false)?.Alias).OfType<string>().ToArray();
        Assert.NotEmpty(aliases);
        Assert.Equal(aliases.Distinct(), aliases);
    }

    [Fact]
    public void Grain_interfaces_and_their_methods_have_aliases()
    {
        Type[] grains = [.. Rooms.TypesOf("Grains").Where(type => type.IsInterface && typeof(IGrain).IsAssignableFrom(type))];
        Assert.NotEmpty(grains);
        Assert.All(grains, grain =>
        {
            Assert.True(grain.IsDefined(typeof(AliasAttribute), false), $"{grain} has no alias");
            Assert.All(grain.GetMethods(), method => Assert.True(method.IsDefined(typeof(AliasAttribute), false), $"{grain}.{method.Name} has no alias"));
            Assert.All(grain.GetMethods(), method => Assert.True(typeof(Task).IsAssignableFrom(method.ReturnType) || method.ReturnType == typeof(ValueTask), $"{grain}.{method.Name}"));
        });
    }

    [Fact]
    public void Grains_keep_no_static_state() => Assert.All(
        Rooms.TypesOf("Grains").Where(type => !type.IsDefined(typeof(CompilerGeneratedAttribute))).SelectMany(type => type.GetFields(Own)).Where(field => field.IsStatic && !field.IsLiteral),
        field => Assert.True(
            StaticState.Contains($"{field.DeclaringType!.Name}.{field.Name}")
            || (field.IsInitOnly && !IsMutable(field.FieldType)) || field.IsDefined(typeof(CompilerGeneratedAttribute)) || field.Name.Contains('<', StringComparison.Ordinal)
            || field.FieldType.FullName!.StartsWith("System.Action", StringComparison.Ordinal),
            $"{field.DeclaringType}.{field.Name} is static state"));

    [Fact]
    public void No_floating_point_comes_near_a_balance() => Assert.All(
        Rooms.TypesOf("Domain"),
        type =>
        {
            Assert.All(type.GetFields(Own), field => Assert.True(IsExact(field.FieldType), $"{type}.{field.Name}"));
            foreach (var method in type.GetMethods(Own).Cast<MethodBase>().Concat(type.GetConstructors(Own)))
            {
                Assert.All(method.GetParameters(), parameter => Assert.True(IsExact(parameter.ParameterType), $"{type}.{method.Name}({parameter.Name})"));
                Assert.All(method.GetMethodBody()?.LocalVariables ?? [], local => Assert.True(IsExact(local.LocalType), $"{type}.{method.Name} has a {local.LocalType}"));
                Assert.True(method is not MethodInfo { ReturnType: var result } || IsExact(result), $"{type}.{method.Name}");
            }
        });

    [Fact]
    public void Every_rule_is_a_file_of_its_own() => Assert.All(
        Rooms.TypesOf("Domain").Where(type => type.BaseType?.Name == "Rule"),
        rule => Assert.True(File.Exists(Path.Combine(Rooms.Root, "src/Humanitarian.Domain/Programs/Rules", rule.Name + ".cs")), rule.Name));

    /// <summary>The API's own routes are held against the matrix of rights.</summary>
    [Fact]
    public void Beside_the_api_the_host_maps_its_health_for_all_and_the_dashboard_for_operators() => Assert.Equal(
        ["MapGet(\"/health\"", "MapGet(\"/health/live\"", "MapGet(\"/health/ready\"", "MapHumanitarianApi(", "MapOrleansDashboard("],
        Rooms.Sources("src").Where(file => file.Contains("Humanitarian.Host", StringComparison.Ordinal))
            .SelectMany(file => Regex.Matches(File.ReadAllText(Path.Combine(Rooms.Root, file)), @"\.(Map(?!ToIPv4)[A-Z]\w*\((""[^""]*"")?)").Select(map => map.Groups[1].Value))
            .Order(StringComparer.Ordinal));

    [Fact]
    public void Sources_name_no_foreign_matters() => Assert.All(Rooms.Sources("src"), file =>
        Assert.DoesNotMatch(@"\b(TODO|FIXME|HACK|XXX)\b", File.ReadAllText(Path.Combine(Rooms.Root, file))));

    private static bool IsExact(Type type) =>
        !Inexact.Contains(type.IsByRef || type.IsArray ? type.GetElementType() : type) && !type.GetGenericArguments().Any(argument => !IsExact(argument));

    private static bool IsMutable(Type type) =>
        !type.IsArray && (typeof(IList).IsAssignableFrom(type) || typeof(IDictionary).IsAssignableFrom(type)
        || type.GetInterfaces().Any(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(ICollection<>) && !face.Name.Contains("ReadOnly", StringComparison.Ordinal))
            && type.Namespace?.Contains("Frozen", StringComparison.Ordinal) != true && type.Namespace?.Contains("Immutable", StringComparison.Ordinal) != true);
}
