using System.Text;
using System.Text.Json;
using GraphQL;
using GraphQL.Types;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.Rights;

/// <summary>
/// What every mutation answers a member of another organisation, who has every role but the operator's, on the things of one that are
/// there: a refusal, and nothing else. With UPDATE_MATRIX set the file is written anew: the change then shows in review.
/// </summary>
public sealed class ForeignTests(ApiServer api)
{
    private static readonly string[] Refusals = [RefusalCode.NotFound, RefusalCode.Forbidden, RefusalCode.DeviceUnknown, RefusalCode.ListUnknown];

    // They name nothing that is anybody's: what they make is their caller's own.
    private static readonly string[] OfNothing =
    [
        "addPasskey", "confirmWithPasskey", "createProgram", "defineUnit", "enrolSecondFactor", "openAccount", "publishGuidance", "recordScreening", "registerOrganisation", "requestPasskey", "requireSecondFactor", "setPassphrase",
        "verifySecondFactor",
    ];

    [Fact]
    public async Task Nothing_of_another_organisation_is_changed_or_shown_by_any_mutation()
    {
        var things = await MatrixThings.MakeAsync(api, "rights foreign");
        var cast = new Cast(api, "rights stranger");
        var stranger = await cast.OrganisationAsync("NGO", [.. MatrixThings.Roles.Where(role => role != "OPERATOR")]);
        var written = new StringBuilder("| mutation | answer |\n| --- | --- |\n");
        var others = new List<string>();
        foreach (var field in api.Services.GetRequiredService<ApiSchema>().Mutation!.Fields.OrderBy(field => field.Name, StringComparer.Ordinal))
        {
            var input = (Dictionary<string, object?>)Made("", field.Arguments![0].ResolvedType!, things.Ids)!;
            input["idempotencyKey"] = cast.Key();
            // What takes many asks the mutation of one for each of them.
            if (OfNothing.Contains(field.Name) || ((IComplexGraphType)field.Arguments![0].ResolvedType!.GetNamedType()).GetField("idempotencyKey") is null)
            {
                continue;
            }

            var payload = await api.SignAsync(stranger.Key, stranger.Signer, field.Name, input, Walk.Fields(field.ResolvedType!));
            var errors = payload.GetProperty("userErrors");
            var code = errors.GetArrayLength() == 0 ? "done" : errors[0].GetProperty("code").GetString()!;
            written.Append("| ").Append(field.Name).Append(" | ").Append(code).Append(" |\n");
            if (!Refusals.Contains(code) || payload.EnumerateObject().Any(member => member.Name is not ("__typename" or "userErrors") && !IsNothing(member.Value)))
            {
                others.Add($"{field.Name}: {payload}");
            }
        }

        Assert.True(others.Count == 0, string.Join('\n', others));
        var path = Path.Combine(Lists.ListFiles.Above("tests")!, "Humanitarian.Api.Tests", "Rights", "foreign.md");
        if (Environment.GetEnvironmentVariable("UPDATE_MATRIX") is { Length: > 0 })
        {
            File.WriteAllText(path, written.ToString());
        }

        Assert.Equal(File.ReadAllText(path), written.ToString());
    }

    private static bool IsNothing(JsonElement value) => value.ValueKind is JsonValueKind.Null or JsonValueKind.False
        || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0) || value.ToString() == "0";

    /// <summary>An input that its owner could send: every id it may name is that of a thing that is there.</summary>
    private static object? Made(string name, IGraphType type, IReadOnlyDictionary<string, object> ids) => type switch
    {
        NonNullGraphType some => Made(name, some.ResolvedType!, ids),
        ListGraphType { ResolvedType: var of } => ids.TryGetValue(name, out var several) ? several : new[] { Made(name, of!, ids) },
        IInputObjectGraphType input => input.Fields
            .Where(field => field.ResolvedType is NonNullGraphType || ids.ContainsKey(field.Name))
            .ToDictionary(field => field.Name, field => Made(field.Name, field.ResolvedType!, ids)),
        EnumerationGraphType when name == "opinion" => "SAME",
        EnumerationGraphType choice => choice.Values.First().Name,
        { Name: "Id" } => ids.GetValueOrDefault(name) ?? throw new InvalidOperationException($"There is no {name}."),
        { Name: "Hash" } => ids.GetValueOrDefault(name) ?? $"0x{new string('0', 63)}1",
        { Name: "Address" } => $"0x{new string('0', 39)}1",
        { Name: "Int64String" or "UInt64String" } => name is "occurredAt" or "deadline" ? Cast.Text(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()) : "1",
        { Name: "Int" } => 1,
        { Name: "Boolean" } => true,
        { Name: "DateTimeOffset" } => TimeProvider.System.GetUtcNow().AddDays(1).ToString("O"),
        _ => ids.GetValueOrDefault(name) ?? name switch
        {
            "currency" => "KES", "period" => "2026-11", "on" => "2026-11-24", "rate" => "1", "reason" => "OTHER", "url" => "https://hooks.example.org/", "budgetLine" => "staff", "pin" => "730164",
            _ => "food",
        },
    };
}
