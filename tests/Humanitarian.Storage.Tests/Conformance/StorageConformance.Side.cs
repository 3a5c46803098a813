using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Storage.Tests.Conformance;

public abstract partial class StorageConformance
{
    [Fact]
    public async Task Document_is_written_once_for_each_version()
    {
        var draft = new SideDocument("draft", "a", "ngo", 0, """{"n":1}""");
        Assert.True(await Side.PutAsync(draft));
        Assert.False(await Side.PutAsync(draft));
        Assert.Equal(draft with { Version = 1 }, await Side.FindAsync("draft", "a"));

        var changed = draft with { Version = 1, Owner = "other", Json = """{"n":2,"é":"ü"}""" };
        Assert.True(await Side.PutAsync(changed));
        Assert.False(await Side.PutAsync(changed));
        Assert.Equal(changed with { Version = 2 }, await Side.FindAsync("draft", "a"));
    }

    [Fact]
    public async Task Write_to_a_missing_document_with_a_version_is_refused()
    {
        Assert.False(await Side.PutAsync(new SideDocument("draft", "a", "ngo", 3, "{}")));
        Assert.Null(await Side.FindAsync("draft", "a"));
    }

    [Fact]
    public async Task Of_concurrent_writes_on_one_version_exactly_one_wins()
    {
        await Side.PutAsync(new SideDocument("draft", "a", "ngo", 0, "{}"));
        var results = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(writer => Task.Run(() => Side.PutAsync(new SideDocument("draft", "a", "ngo", 1, $"{writer}")))));
        Assert.Single(results, won => won);
    }

    [Fact]
    public async Task Deleted_document_is_gone_and_only_once()
    {
        await Side.PutAsync(new SideDocument("draft", "a", "ngo", 0, "{}"));
        Assert.True(await Side.DeleteAsync("draft", "a"));
        Assert.False(await Side.DeleteAsync("draft", "a"));
        Assert.Null(await Side.FindAsync("draft", "a"));
    }

    [Fact]
    public async Task Documents_are_listed_by_key_within_kind_and_owner()
    {
        foreach (var (kind, key, owner) in new[] { ("k", "c", "x"), ("k", "a", "x"), ("k", "b", "y"), ("other", "a", "x"), ("k", "d", "x") })
        {
            await Side.PutAsync(new SideDocument(kind, key, owner, 0, "{}"));
        }

        async Task<string> Keys(string? owner, string? after, int limit) =>
            string.Concat((await Side.ListAsync("k", owner, after, limit)).Select(document => document.Key));
        Assert.Equal("acd", await Keys("x", null, 10));
        Assert.Equal("abcd", await Keys(null, null, 10));
        Assert.Equal("ab", await Keys(null, null, 2));
        Assert.Equal("cd", await Keys(null, "b", 2));
        Assert.Equal("d", await Keys("x", "c", 2));
        Assert.Equal("", await Keys("x", null, 0));
    }

    [Fact]
    public async Task List_rows_come_in_line_order_page_by_page()
    {
        await Side.AddRowsAsync(IdOf(1), [.. Enumerable.Range(1, 50).Reverse().Select(Row)]);
        await Side.AddRowsAsync(IdOf(1), [.. Enumerable.Range(51, 50).Select(Row)]);
        await Side.AddRowsAsync(IdOf(2), [Row(7)]);

        Assert.Equal(Enumerable.Range(1, 100).Select(Row), await Side.RowsAsync(IdOf(1), 0, 1000));
        Assert.Equal(Enumerable.Range(45, 10).Select(Row), await Side.RowsAsync(IdOf(1), 45, 10));
        Assert.Empty(await Side.RowsAsync(IdOf(1), 101, 10));
    }

    [Fact]
    public async Task Repeated_list_rows_stand_once()
    {
        await Side.AddRowsAsync(IdOf(1), [Row(1), Row(2)]);
        await Side.AddRowsAsync(IdOf(1), [Row(2), Row(3)]);
        Assert.Equal([Row(1), Row(2), Row(3)], await Side.RowsAsync(IdOf(1), 0, 10));
    }

    [Fact]
    public async Task Deleting_rows_forgets_one_list_only()
    {
        await Side.AddRowsAsync(IdOf(1), [Row(1)]);
        await Side.AddRowsAsync(IdOf(2), [Row(1)]);
        await Side.DeleteRowsAsync(IdOf(1));
        Assert.Empty(await Side.RowsAsync(IdOf(1), 0, 10));
        Assert.Single(await Side.RowsAsync(IdOf(2), 0, 10));
    }

    [Fact]
    public async Task Matching_finds_an_organisations_own_persons_and_no_others()
    {
        var known = new KnownPerson(IdOf(10), IdOf(20));
        await Matching.AddAsync(IdOf(1), [(HashOf(1), known)]);
        await Matching.AddAsync(IdOf(2), [(HashOf(1), new KnownPerson(IdOf(11), IdOf(21)))]);

        var found = await Matching.FindAsync(IdOf(1), [HashOf(1), HashOf(2), HashOf(1)]);
        Assert.Equal(known, Assert.Single(found).Value);
        Assert.Empty(await Matching.FindAsync(IdOf(3), [HashOf(1)]));
    }

    [Fact]
    public async Task Known_identifier_keeps_its_person()
    {
        var first = new KnownPerson(IdOf(10), IdOf(20));
        await Matching.AddAsync(IdOf(1), [(HashOf(1), first), (HashOf(1), new KnownPerson(IdOf(12), Id.None))]);
        await Matching.AddAsync(IdOf(1), [(HashOf(1), new KnownPerson(IdOf(11), IdOf(21)))]);
        Assert.Equal(first, (await Matching.FindAsync(IdOf(1), [HashOf(1)]))[HashOf(1)]);
    }

    [Fact]
    public async Task Forgotten_account_is_led_to_by_none_of_its_organisations_identifiers()
    {
        var (gone, kept) = (new KnownPerson(IdOf(10), IdOf(20)), new KnownPerson(IdOf(11), IdOf(20)));
        await Matching.AddAsync(IdOf(1), [(HashOf(1), gone), (HashOf(2), gone), (HashOf(3), kept)]);
        await Matching.AddAsync(IdOf(2), [(HashOf(1), gone)]);
        Assert.Equal(2, await Matching.ForgetAsync(IdOf(1), IdOf(10)));
        Assert.Equal(kept, Assert.Single(await Matching.FindAsync(IdOf(1), [HashOf(1), HashOf(2), HashOf(3)])).Value);
        Assert.Single(await Matching.FindAsync(IdOf(2), [HashOf(1)]));
        Assert.Equal(0, await Matching.ForgetAsync(IdOf(1), IdOf(10)));
    }

    [Fact]
    public async Task Side_state_and_matching_are_there_after_reopening()
    {
        await Side.PutAsync(new SideDocument("draft", "a", "ngo", 0, "{}"));
        await Side.AddRowsAsync(IdOf(1), [Row(1)]);
        await Matching.AddAsync(IdOf(1), [(HashOf(1), new KnownPerson(IdOf(10), IdOf(20)))]);
        await ReopenAsync();
        Assert.NotNull(await Side.FindAsync("draft", "a"));
        Assert.Single(await Side.RowsAsync(IdOf(1), 0, 10));
        Assert.Single(await Matching.FindAsync(IdOf(1), [HashOf(1)]));
    }

    [Fact]
    public async Task All_side_state_comes_in_order_and_restored_documents_keep_their_versions()
    {
        SideDocument[] documents = [new("a", "z", "x", 7, "{}"), new("b", "a", "y", 1, """{"é":1}"""), new("b", "c", "x", 3, "{}")];
        await Side.PutAsync(new SideDocument("b", "c", "stale", 0, "{}"));
        await Side.RestoreAsync([.. documents.Reverse()]);
        await Side.AddRowsAsync(IdOf(2), [Row(2), Row(1)]);
        await Side.AddRowsAsync(IdOf(1), [Row(3)]);

        SideEntry[] rows = [new(null, IdOf(1), Row(3)), new(null, IdOf(2), Row(1)), new(null, IdOf(2), Row(2))];
        Assert.Equal([.. documents.Select(document => new SideEntry(document, default, default)), .. rows], await ListAsync(Side.AllAsync()));
        Assert.True(await Side.PutAsync(documents[0] with { Json = "[]" }));
    }

    [Fact]
    public async Task Matching_tells_what_an_organisation_shares_with_others_and_with_whom()
    {
        await Matching.AddAsync(IdOf(2), [(HashOf(1), new KnownPerson(IdOf(10), IdOf(20))), (HashOf(2), new KnownPerson(IdOf(11), IdOf(21)))]);
        await Matching.AddAsync(IdOf(1), [(HashOf(1), new KnownPerson(IdOf(12), IdOf(22))), (HashOf(3), new KnownPerson(IdOf(13), IdOf(23)))]);
        await Matching.AddAsync(IdOf(3), [(HashOf(1), new KnownPerson(IdOf(14), IdOf(24)))]);
        SharedIdentifier Shared(int account, int organisation, int other) =>
            new(HashOf(1), IdOf(account), IdOf(organisation), new KnownPerson(IdOf(other), IdOf(other + 10)));
        Assert.Equal(
            [Shared(10, 1, 12), Shared(10, 3, 14)], (await ListAsync(Matching.SharedAsync(IdOf(2)))).OrderBy(shared => shared.Organisation));
        Assert.Equal([Shared(12, 2, 10), Shared(12, 3, 14)], (await ListAsync(Matching.SharedAsync(IdOf(1)))).OrderBy(shared => shared.Organisation));
        Assert.Empty(await ListAsync(Matching.SharedAsync(IdOf(4))));
    }

    [Fact]
    public async Task All_matching_comes_in_order()
    {
        MatchingEntry Entry(int organisation, int hash) => new(IdOf(organisation), HashOf(hash), new KnownPerson(IdOf(hash), IdOf(20)));
        await Matching.AddAsync(IdOf(2), [(HashOf(3), new KnownPerson(IdOf(3), IdOf(20)))]);
        await Matching.AddAsync(IdOf(1), [(HashOf(2), new KnownPerson(IdOf(2), IdOf(20))), (HashOf(1), new KnownPerson(IdOf(1), IdOf(20)))]);
        Assert.Equal([Entry(1, 1), Entry(1, 2), Entry(2, 3)], await ListAsync(Matching.AllAsync()));
    }

    private static ListRowEntry Row(int line) => new(line, IdOf(line), IdOf(-line & 0xff), 1000L * line, line % 9, "site é", line % 2 == 0);
}
