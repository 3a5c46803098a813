using Humanitarian.Api.Lists;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Grains.Tests.Support;
using Humanitarian.Storage.Side;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.Lists;

/// <summary>What an import leaves in the data folder: nothing else may import beside it.</summary>
[CollectionDefinition(nameof(BrokenImportTests), DisableParallelization = true)]
[Collection(nameof(BrokenImportTests))]
public sealed class BrokenImportTests(ApiServer api)
{
    [Fact]
    public async Task Import_that_breaks_off_leaves_no_rows()
    {
        var imports = api.Services.GetRequiredService<ListImports>();
        var request = new ListRequest(Founding.IdOf("broken"), Founding.IdOf("registrar"), new("KES", 2, null), null, null, null, false);
        var rows = Aid.Rows("broken", 2_000);
        var side = api.Services.GetRequiredService<ISideStore>();
        using var broken = new TrickleStream(position => position < rows.Length ? (byte)rows[(int)position] : throw new IOException("The client went away."));
        var before = Directory.GetFiles(api.Folder, "list-*");
        await Assert.ThrowsAsync<IOException>(() => imports.ImportAsync(broken, request));
        Assert.Empty(await side.ListAsync("list", request.Organisation.ToString(), null, 10));
        Assert.Empty(Directory.GetFiles(api.Folder, "list-*").Except(before));
    }
}
