using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Chain.Verification;
using Humanitarian.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.Fuzz;

/// <summary>
/// Random documents on a running ledger of their own: none breaks it, none is answered by a fault, and the chain verifies afterwards. The seed is
/// printed; HUMANITARIAN_FUZZ_SEED repeats it, HUMANITARIAN_FUZZ_DOCUMENTS sets how many.
/// </summary>
public sealed class FuzzTests(FuzzTests.OwnServer own) : IClassFixture<FuzzTests.OwnServer>
{
    private const int AnswerBytesMost = 4 * 1024 * 1024;
    private const long GrowthMost = 256L * 1024 * 1024;

    [Fact]
    public Task Random_documents_are_answered_and_the_ledger_verifies() => RunAsync(Count(600), watchMemory: false);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Random_documents_for_long_leave_no_memory_behind() => RunAsync(Count(50_000), watchMemory: true);

    private async Task RunAsync(int count, bool watchMemory)
    {
        var seed = Environment.GetEnvironmentVariable("HUMANITARIAN_FUZZ_SEED") is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : RandomNumberGenerator.GetInt32(int.MaxValue);
        TestContext.Current.TestOutputHelper!.WriteLine($"HUMANITARIAN_FUZZ_SEED={seed}");
        var api = own.Api;
        var (keys, known) = await own.PeopleAsync();
        var random = new Random(seed);
        var generator = new DocumentGenerator(api.Services.GetRequiredService<ApiSchema>(), random, known);
        var answered = 0;
        var before = 0L;
        for (var number = 0; number < count; number++)
        {
            var request = generator.Next();
            var (status, answer) = await SendAsync(api, keys[random.Next(keys.Count)], request);
            Assert.True(
                status < 500 && answer.Length < AnswerBytesMost && IsSound(answer),
                $"HUMANITARIAN_FUZZ_SEED={seed}, document {number}, HTTP {status}\n{request}\n{answer[..Math.Min(answer.Length, 2_000)]}");
            answered += answer.Contains("\"data\":{", StringComparison.Ordinal) ? 1 : 0;
            if (number == count / 4)
            {
                before = GC.GetTotalMemory(forceFullCollection: true);
            }
        }

        // Most of them mean something, or nothing would be tried.
        Assert.InRange(answered, count / 4, count);
        Assert.False(watchMemory && GC.GetTotalMemory(forceFullCollection: true) - before > GrowthMost, $"From {before} bytes to {GC.GetTotalMemory(true)}.");
        var report = await Verifier.VerifyAsync(
            api.Files.Blocks.ReadAsync(0).Select(block => block.Bytes), new VerificationOptions { ClaimKey = api.Founding.Identity.ClaimKey });
        Assert.True(report.Ok, report.Failure?.ToString());
    }

    private static int Count(int usual) =>
        Environment.GetEnvironmentVariable("HUMANITARIAN_FUZZ_DOCUMENTS") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;

    private static async Task<(int Status, string Answer)> SendAsync(ApiServer api, string key, FuzzRequest request)
    {
        var body = JsonSerializer.Serialize(new { query = request.Query, variables = request.Variables });
        using var message = new HttpRequestMessage(HttpMethod.Post, "/graphql") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);

        // A document may be larger than is taken; a client that only sends would find the connection closed and not see why.
        message.Headers.ExpectContinue = true;
        using var response = await api.Http.SendAsync(message);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>True for an answer as GraphQL has them in which nothing tells of a fault.</summary>
    private static bool IsSound(string answer)
    {
        using var json = JsonDocument.Parse(answer);
        return !answer.Contains(ApiCode.Internal, StringComparison.Ordinal) && !answer.Contains("Exception:", StringComparison.Ordinal) && !answer.Contains("System.", StringComparison.Ordinal) && !answer.Contains(" at Humanitarian.", StringComparison.Ordinal)
            && (!json.RootElement.TryGetProperty("errors", out var errors) || errors.EnumerateArray().All(error => Code(error) is not (null or RefusalCode.Unknown)));
    }

    private static string? Code(JsonElement error) =>
        error.TryGetProperty("extensions", out var extensions) && extensions.TryGetProperty("code", out var code) ? code.GetString() : null;

    /// <summary>A ledger of its own, so that what is done to it meets no other test.</summary>
    public sealed class OwnServer : IAsyncLifetime
    {
        private (IReadOnlyList<string> Keys, IReadOnlyList<string> Known)? people;

        public ApiServer Api { get; } = new();

        /// <summary>Keys of members of every kind, and ids of what there is.</summary>
        public async Task<(IReadOnlyList<string> Keys, IReadOnlyList<string> Known)> PeopleAsync()
        {
            if (people is { } made)
            {
                return made;
            }

            var aid = await new Aid(Api, "fuzz").SetUpAsync();
            var list = await aid.ListAsync(4);
            var enrolled = await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
            var disbursement = await aid.ReleaseAsync(list, 0, 2, inPerson: false);
            await aid.UntilAsync(disbursement, "COMPLETED");
            var open = await aid.ReleaseAsync(list, 2, 2, inPerson: true);
            var nodes = await Api.QueryAsync(
                aid.Finance.Key, "query($p: Id!, $g: Id!) { program(id: $p) { nodeId poolAccountId } grant(id: $g) { nodeId } ledger { nodeId } me { nodeId } }",
                new { p = Aid.Text(aid.Program), g = Aid.Text(aid.Grant) });
            people = (
                [
                    aid.Administrator.Key, aid.Registrar.Key, aid.Approver.Key, aid.Releaser.Key, aid.Finance.Key, aid.Agent.Key, aid.Donor.Key, aid.Till.Key, Api.OperatorKey,
                ],
                [
                    list, disbursement, open, .. await aid.AccountsAsync(list), Aid.Text(aid.Program), Aid.Text(aid.Grant), Aid.Text(aid.VendorAccount), Aid.Text(aid.Device),
                    Aid.Text(aid.Finance.Member), Aid.Text(aid.Donor.Organisation), enrolled.GetProperty("transaction").GetProperty("hash").GetString()!,
                    .. nodes.EnumerateObject().SelectMany(node => node.Value.EnumerateObject()).Select(id => id.Value.GetString()!),
                ]);
            return people.Value;
        }

        public ValueTask InitializeAsync() => Api.InitializeAsync();

        public ValueTask DisposeAsync() => Api.DisposeAsync();
    }
}
