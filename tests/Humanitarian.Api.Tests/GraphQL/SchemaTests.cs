using GraphQL;
using Humanitarian.Api.GraphQL;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.GraphQL;

public sealed class SchemaTests
{
    [Fact]
    public void Printed_schema_is_the_published_one()
    {
        var services = new ServiceCollection().AddHumanitarianApi().BuildServiceProvider();
        var schema = new ApiSchema(services);
        schema.Initialize();
        var printed = schema.Print(new() { StringComparison = StringComparison.Ordinal }).ReplaceLineEndings("\n").TrimEnd() + "\n";

        // With UPDATE_SCHEMA set the file is written anew: the change then shows in review.
        var path = Path.Combine(Lists.ListFiles.Above("docs")!, "schema.graphql");
        if (Environment.GetEnvironmentVariable("UPDATE_SCHEMA") is { Length: > 0 })
        {
            File.WriteAllText(path, printed);
        }

        Assert.Equal(File.ReadAllText(path), printed);
    }
}
