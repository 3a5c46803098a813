using System.Text.Json.Nodes;
using NJsonSchema;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Humanitarian.Host.Tests.Deployment;

public class ComposeTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(HostProcess.Repository, "deploy", "compose", "compose.yaml"));

    [Fact]
    public async Task The_file_is_valid_by_the_compose_specification()
    {
        var schema = await SchemaAsync();
        Assert.Empty(schema.Validate(Json(Text)));
        Assert.NotEmpty(schema.Validate(Json(Text.Replace("restart: unless-stopped", "restarts: unless-stopped", StringComparison.Ordinal))));
    }

    [Fact]
    public void Only_the_proxy_publishes_a_port_and_only_on_the_loopback_interface()
    {
        var root = Root();
        var (name, proxy) = Assert.Single(root["services"]!.AsObject(), service => service.Value!["ports"] is not null);
        Assert.Equal("proxy", name);
        Assert.All(proxy!["ports"]!.AsArray(), port => Assert.StartsWith("127.0.0.1:", (string)port!, StringComparison.Ordinal));
        Assert.True((bool)root["networks"]!["ledger"]!["internal"]!);
    }

    [Fact]
    public void Every_setting_that_a_process_is_given_exists() => SettingNames.AssertKnown(
        Root()["services"]!.AsObject().Where(service => service.Key is not "database").SelectMany(service => service.Value!["environment"]?.AsObject().Select(one => one.Key) ?? []));

    [Fact]
    public void Every_process_starts_with_what_it_is_given() => Assert.All(
        Root()["services"]!.AsObject().Select(service => service.Value!["environment"]?.AsObject()).OfType<JsonObject>().Where(given => given.Any(one => one.Key.StartsWith("HUMANITARIAN", StringComparison.Ordinal))),
        given => SettingNames.AssertEnough(given.Select(one => (one.Key, one.Value!.ToString()))));

    private static JsonNode Root() => JsonNode.Parse(Json(Text))!;

    private static async Task<JsonSchema> SchemaAsync()
    {
        await using var stream = typeof(ComposeTests).Assembly.GetManifestResourceStream("compose-spec.json")!;
        return await JsonSchema.FromJsonAsync(stream);
    }

    private static string Json(string yaml)
    {
        var document = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build()
            .Deserialize<object>(new MergingParser(new Parser(new StringReader(yaml))));
        return new SerializerBuilder().JsonCompatible().Build().Serialize(document);
    }
}
