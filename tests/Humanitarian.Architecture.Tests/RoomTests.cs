using System.Text.RegularExpressions;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnitV3;
using static ArchUnitNET.Fluent.ArchRuleDefinition;
using Room = System.String;

namespace Humanitarian.Architecture.Tests;

/// <summary>Which room knows what.</summary>
public sealed class RoomTests
{
    private const string Orleans = @"^Orleans\.(Runtime|Hosting|Configuration|Concurrency|Placement|Storage|Streams|Timers|Providers)(\.|$)";
    private const string Sql = @"^(Microsoft\.Data|System\.Data|SQLitePCL|Npgsql)(\.|$)";
    private const string Backends = @"^Humanitarian\.Storage\.(Sqlite|Postgres)(\.|$)";
    private const string GraphQl = @"^GraphQL(\.|$)";

    private static readonly ArchUnitNET.Domain.Architecture Code = new ArchLoader().LoadAssemblies([.. Rooms.InOrder.Select(Rooms.Of)]).Build();

    public static TheoryData<Room, Room> Forbidden
    {
        get
        {
            var pairs = new TheoryData<Room, Room>();
            for (var room = 0; room < Rooms.InOrder.Length; room++)
            {
                for (var later = room + 1; later < Rooms.InOrder.Length; later++)
                {
                    pairs.Add(Rooms.InOrder[room], Rooms.InOrder[later]);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void References_point_one_way_only(Room room, Room later)
    {
        Assert.DoesNotContain(Rooms.Of(room).GetReferencedAssemblies(), reference => reference.Name == $"Humanitarian.{later}");
        NotKnown(room, $@"^Humanitarian\.{later}(\.|$)");
    }

    [Fact]
    public void The_domain_knows_no_tasks_clocks_files_networks_or_SQL()
    {
        NotKnown("Domain", @"^System\.(Threading|Net|Data|Diagnostics\.Process)(\.|$)");
        NotKnown("Domain", Sql);
        NotKnown("Domain", Orleans);
        NotKnown("Domain", GraphQl);
        NamedTypesNotKnown("Domain", @"^System\.(IO\.(File|FileStream|FileInfo|Directory|Path)|TimeProvider|Random|Environment|Console)$");
        Assert.All(
            Rooms.Domain.GetReferencedAssemblies(),
            reference => Assert.True(
                reference.Name!.StartsWith("System.", StringComparison.Ordinal) || reference.Name.StartsWith("Orleans.Serialization", StringComparison.Ordinal)
                || reference.Name is "Orleans.Core.Abstractions" or "netstandard", $"Domain references {reference.Name}"));
    }

    [Fact]
    public void The_chain_knows_no_SQL_GraphQL_or_Orleans_runtime()
    {
        NotKnown("Chain", Sql);
        NotKnown("Chain", GraphQl);
        NotKnown("Chain", Orleans);
        Assert.DoesNotContain(Rooms.Of("Chain").GetReferencedAssemblies(), reference => reference.Name!.StartsWith("Orleans.Runtime", StringComparison.Ordinal));
    }

    [Fact]
    public void Storage_knows_no_rules_and_no_grains()
    {
        NotKnown("Storage", @"^Humanitarian\.Domain\.Programs\.Rules(\.|$)");
        NotKnown("Storage", Orleans);
        NotKnown("Storage", GraphQl);
    }

    [Fact]
    public void The_storage_contract_shows_no_SQL_type()
    {
        var shown = Rooms.TypesOf("Storage").Where(type => type.IsPublic && !Regex.IsMatch(type.Namespace!, Backends))
            .SelectMany(type => type.GetMethods().SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType)));
        Assert.DoesNotContain(shown, type => Regex.IsMatch(type.ToString(), @"Microsoft\.Data|System\.Data|SQLitePCL|Npgsql"));
    }

    [Fact]
    public void Grains_know_no_SQL_and_no_GraphQL()
    {
        NotKnown("Grains", Sql);
        NotKnown("Grains", GraphQl);
        NotKnown("Grains", Backends);
    }

    [Fact]
    public void The_API_decides_nothing_and_knows_no_SQL()
    {
        NotKnown("Api", Sql);
        NamedTypesNotKnown("Api", @"^Humanitarian\.Domain\.(Ledgers\.LedgerState|Transactions\.(Decision|DecisionScope|Checks))$");
    }

    [Fact]
    public void What_is_known_is_seen()
    {
        Assert.ThrowsAny<Exception>(() => NotKnown("Storage", Sql));
        Assert.ThrowsAny<Exception>(() => NotKnown("Grains", Orleans));
        Assert.ThrowsAny<Exception>(() => NotKnown("Api", GraphQl));
        Assert.ThrowsAny<Exception>(() => NotKnown("Chain", @"^Humanitarian\.Domain(\.|$)"));
        Assert.ThrowsAny<Exception>(() => NamedTypesNotKnown("Storage", @"^System\.IO\.File$"));
    }

    [Fact]
    public void Only_the_host_chooses_a_storage_backend() =>
        Assert.All(Rooms.InOrder.Except(["Storage", "Host"]), room => NotKnown(room, Backends));

    [Fact]
    public void Tests_mirror_the_rooms()
    {
        var rooms = Rooms.InOrder.Append("Architecture").Select(room => $"Humanitarian.{room}.Tests");
        var projects = Directory.GetDirectories(Path.Combine(Rooms.Root, "tests"), "Humanitarian.*").Select(Path.GetFileName);
        Assert.Empty(rooms.Except(projects));
        Assert.All(projects, project => Assert.Matches(@"^Humanitarian\.(\w+\.Tests|Testing\.\w+)$", project));
    }

    private static void NotKnown(Room room, string namespaces) => Types().That().ResideInNamespaceMatching($@"^Humanitarian\.{room}(\.|$)")
        .Should().NotDependOnAny(Types(true).That().ResideInNamespaceMatching(namespaces)).Check(Code);

    private static void NamedTypesNotKnown(Room room, string names) => Types().That().ResideInNamespaceMatching($@"^Humanitarian\.{room}(\.|$)")
        .Should().NotDependOnAny(Types(true).That().HaveFullNameMatching(names)).Check(Code);
}
