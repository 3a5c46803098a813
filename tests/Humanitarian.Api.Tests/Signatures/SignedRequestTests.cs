using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Humanitarian.Api.Signatures;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Grains.Tests.Support;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;

namespace Humanitarian.Api.Tests.Signatures;

/// <summary>Requests that are signed instead of carrying a secret.</summary>
public sealed class SignedRequestTests(ApiServer api)
{
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"query":"{ me { id } }"}""");

    [Fact]
    public async Task Signed_message_authenticates_the_keys_member_once()
    {
        var (_, member, key) = await MemberAsync("signed");
        var message = new Message(api, key);
        Assert.Equal((HttpStatusCode.OK, member.Member.ToString()), await SendAsync(message.Request()));
        Assert.Equal((HttpStatusCode.Unauthorized, ApiCode.RequestReplayed), await SendAsync(message.Request()));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(new Message(api, key) { Method = HttpMethod.Get, Path = "/graphql?query=%7Bme%7Bid%7D%7D" }.Request())).Status);
    }

    [Fact]
    public async Task Message_whose_signature_does_not_hold_for_all_that_counts_is_refused()
    {
        var (_, _, key) = await MemberAsync("forged");
        var (_, _, other) = await MemberAsync("forger");
        var forged = new Dictionary<string, Func<HttpRequestMessage>>
        {
            ["another body"] = () => new Message(api, key).Request(sent: Encoding.UTF8.GetBytes("""{"query":"{ ledger { name } }"}""")),
            ["another target"] = () => new Message(api, key).Request(path: "/graphql?x=1"),
            ["another method"] = () => new Message(api, key) { SignedMethod = "GET" }.Request(),
            ["another key"] = () => new Message(api, other) { KeyId = new Message(api, key).KeyId }.Request(),
            ["an unknown key"] = () => new Message(api, key) { KeyId = "unknown" }.Request(),
            ["no digest"] = () => new Message(api, key) { Components = "\"@method\" \"@target-uri\"" }.Request(),
            ["no target"] = () => new Message(api, key) { Components = "\"@method\" \"content-digest\"" }.Request(),
            ["another algorithm"] = () => new Message(api, key) { More = ";alg=\"hmac-sha256\"" }.Request(),
            ["two nonces"] = () => new Message(api, key) { More = ";nonce=\"second\"" }.Request(),
            ["a header that is not there"] = () => new Message(api, key) { Components = "\"@method\" \"@target-uri\" \"content-digest\" \"x-absent\"" }.Request(),
            ["a bearer token beside it"] = () => With(new Message(api, key).Request(), "Authorization", $"Bearer {api.OperatorKey}"),
            ["no signature"] = () => Without(new Message(api, key).Request(), "Signature"),
        };
        foreach (var (what, request) in forged)
        {
            var answer = await SendAsync(request());
            Assert.True(answer == (HttpStatusCode.Unauthorized, RefusalCode.SignatureInvalid), $"{what}: {answer}");
        }
    }

    [Fact]
    public async Task Message_for_another_servers_address_is_refused_under_its_name_too()
    {
        var (_, _, key) = await MemberAsync("another server");
        foreach (var other in new[] { "http://ledger.example.org", "http://127.0.0.1:1" })
        {
            Assert.Equal((HttpStatusCode.Unauthorized, RefusalCode.SignatureInvalid), await SendAsync(new Message(api, key) { Server = new Uri(other) }.Request()));
        }
    }

    [Fact]
    public async Task Message_counts_under_the_public_address_of_the_server_alone_once_it_has_one()
    {
        var (_, member, key) = await MemberAsync("public address");
        await using var front = await Front.StartAsync(
            api, options => options with { SignIn = options.SignIn with { Issuer = new Uri("https://ledger.example.org/") }, TrustedProxies = [Front.Proxy] });
        Message For(string server) => new(api, key) { Server = new Uri(server) };
        foreach (var other in new[] { front.Http.BaseAddress!.AbsoluteUri, "http://test.example.org", "http://ledger.example.org:8080", "http://ledger.example.org.test" })
        {
            Assert.Equal((HttpStatusCode.Unauthorized, RefusalCode.SignatureInvalid), await SendAsync(For(other).Request(), front.Http));
        }

        Assert.Equal(
            (HttpStatusCode.OK, member.Member.ToString()),
            await SendAsync(With(For("https://ledger.example.org").Request(), "X-Forwarded-Proto", "https"), front.Http));
    }

    [Theory]
    [InlineData(-600, -300)]
    [InlineData(-60, -1)]
    [InlineData(120, 240)]
    [InlineData(0, 301)]
    public async Task Message_out_of_its_time_or_for_a_long_time_is_refused(int created, int expires)
    {
        var (_, _, key) = await MemberAsync($"untimely {created} {expires}");
        Assert.Equal((HttpStatusCode.Unauthorized, ApiCode.RequestExpired), await SendAsync(new Message(api, key) { Created = created, Expires = expires }.Request()));
    }

    [Fact]
    public async Task Key_is_one_members_alone_and_ends_when_it_is_removed()
    {
        var (cast, member, key) = await MemberAsync("removed key");
        var stranger = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        ApiServer.Refused(RefusalCode.AlreadyExists, await api.MutateAsync(stranger.Key, "addRequestKey", Add(cast, stranger, key)));
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(stranger.Key, "addRequestKey", Add(cast, member, key)));
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(stranger.Key, "removeRequestKey", cast.Input(("keyId", new Message(api, key).KeyId))));
        ApiServer.Refused(RefusalCode.InvalidInput, await api.MutateAsync(stranger.Key, "addRequestKey", cast.Input(("memberId", stranger.Member.ToString()), ("publicKey", "AAAA"))));
        ApiServer.Done(await api.MutateAsync(member.Key, "removeRequestKey", cast.Input(("keyId", new Message(api, key).KeyId))));
        Assert.Equal((HttpStatusCode.Unauthorized, RefusalCode.SignatureInvalid), await SendAsync(new Message(api, key).Request()));
    }

    [Fact]
    public async Task Mutation_that_is_signed_anew_with_the_same_idempotency_key_is_done_once()
    {
        var aid = await new Aid(api, "signed receipt").SetUpAsync();
        var key = new Ed25519PrivateKeyParameters(Founding.KeyOf("signed receipt"));
        await aid.Cast.DoneAsync(aid.Administrator, "addRequestKey", Add(aid.Cast, aid.Finance, key));
        var body = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new
        {
            query = "mutation($input: RecordReceiptInput!) { recordReceipt(input: $input) { replayed userErrors { code } } }",
            variables = new { input = aid.Cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(100))) },
        }));
        foreach (var replayed in new[] { false, true })
        {
            using var response = await api.Http.SendAsync(new Message(api, key) { Content = body }.Request());
            using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            Assert.Equal(replayed, answer.RootElement.GetProperty("data").GetProperty("recordReceipt").GetProperty("replayed").GetBoolean());
        }
    }

    [Fact]
    public async Task Request_signed_with_the_members_Ethereum_key_authenticates_them_once()
    {
        var (_, member, _) = await MemberAsync("ethereum");
        var header = Ethereum(member, member.Signer);
        Assert.Equal((HttpStatusCode.OK, member.Member.ToString()), await SendAsync(Post(header)));
        Assert.Equal((HttpStatusCode.Unauthorized, ApiCode.RequestReplayed), await SendAsync(Post(header)));
        Assert.Equal((HttpStatusCode.Unauthorized, RefusalCode.SignatureInvalid), await SendAsync(Post(Ethereum(member, api.Founding.Administrator))));
        Assert.Equal((HttpStatusCode.Unauthorized, RefusalCode.SignatureInvalid), await SendAsync(Post(Ethereum(member, member.Signer, body: [1]))));
        Assert.Equal((HttpStatusCode.Unauthorized, RefusalCode.SignatureInvalid), await SendAsync(Post(Ethereum(member, member.Signer, target: "/lists"))));
        Assert.Equal((HttpStatusCode.Unauthorized, ApiCode.RequestExpired), await SendAsync(Post(Ethereum(member, member.Signer, seconds: -1))));
        Assert.Equal((HttpStatusCode.Unauthorized, ApiCode.RequestExpired), await SendAsync(Post(Ethereum(member, member.Signer, seconds: 400))));
    }

    [Fact]
    public async Task Signed_body_longer_than_a_request_may_be_is_refused()
    {
        var (_, _, key) = await MemberAsync("long");

        // It is refused by its length alone, and a client that asks first need not send it.
        using var client = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) }) { BaseAddress = api.Http.BaseAddress };
        var request = new Message(api, key) { Content = new byte[2 * 1024 * 1024] }.Request();
        request.Headers.ExpectContinue = true;
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    private async Task<(Cast Cast, Actor Member, Ed25519PrivateKeyParameters Key)> MemberAsync(string name)
    {
        var cast = new Cast(api, $"{name} requests");
        var member = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        var key = new Ed25519PrivateKeyParameters(Founding.KeyOf(name));
        var added = await cast.DoneAsync(member, "addRequestKey", Add(cast, member, key), "keyId");
        Assert.Equal(RequestKeys.IdOf(key.GeneratePublicKey().GetEncoded()), added.GetProperty("keyId").GetString());
        return (cast, member, key);
    }

    private static Dictionary<string, object?> Add(Cast cast, Actor member, Ed25519PrivateKeyParameters key) =>
        cast.Input(("memberId", member.Member.ToString()), ("publicKey", Base64Url.EncodeToString(key.GeneratePublicKey().GetEncoded())));

    private string Ethereum(Actor member, Id signer, byte[]? body = null, string target = "/graphql", int seconds = 60)
    {
        var deadline = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + seconds;
        var nonce = Hash32.FromSpan(RandomNumberGenerator.GetBytes(Hash32.Size));
        var signature = api.Founding.Sign(
            signer, SignedObjects.Digest(api.Founding.Identity.Domain, new RequestToSign("POST", new Uri(api.Http.BaseAddress!, target).ToString(), Keccak.Hash(body ?? Body), nonce, (ulong)deadline)));
        return $"EIP712 member=\"{member.Member}\", nonce=\"{nonce}\", deadline=\"{deadline.ToString(CultureInfo.InvariantCulture)}\", signature=\"{signature}\"";
    }

    private static HttpRequestMessage Post(string authorization) => With(
        new HttpRequestMessage(HttpMethod.Post, "/graphql") { Content = new ByteArrayContent(Body) { Headers = { { "Content-Type", "application/json" } } } }, "Authorization", authorization);

    private static HttpRequestMessage With(HttpRequestMessage request, string name, string value)
    {
        request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    private static HttpRequestMessage Without(HttpRequestMessage request, string name)
    {
        request.Headers.Remove(name);
        return request;
    }

    /// <summary>The status, and the member's id or the refusal's code.</summary>
    private async Task<(HttpStatusCode Status, string? Said)> SendAsync(HttpRequestMessage request, HttpClient? client = null)
    {
        using (request)
        {
            using var response = await (client ?? api.Http).SendAsync(request);
            using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            return (response.StatusCode, answer.RootElement.TryGetProperty("data", out var data)
                ? data.GetProperty("me").GetProperty("id").GetString()
                : answer.RootElement.GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString());
        }
    }

    /// <summary>A message as a client signs it, with what a test changes.</summary>
    private sealed record Message(ApiServer Api, Ed25519PrivateKeyParameters Key)
    {
        private readonly string nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

        public HttpMethod Method { get; init; } = HttpMethod.Post;

        public string Path { get; init; } = "/graphql";

        public string? SignedMethod { get; init; }

        public byte[] Content { get; init; } = Body;

        public string? Components { get; init; }

        public string KeyId { get; init; } = RequestKeys.IdOf(Key.GeneratePublicKey().GetEncoded());

        public int Created { get; init; }

        public int Expires { get; init; } = 60;

        public string More { get; init; } = "";

        /// <summary>The server that it is for; the one that it is sent to when null.</summary>
        public Uri? Server { get; init; }

        private long Now { get; } = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

        public HttpRequestMessage Request(byte[]? sent = null, string? path = null)
        {
            var post = Method == HttpMethod.Post;
            var digest = $"sha-256=:{Convert.ToBase64String(SHA256.HashData(Content))}:";
            var components = Components ?? (post ? "\"@method\" \"@target-uri\" \"content-digest\"" : "\"@method\" \"@target-uri\"");
            var parameters = string.Create(CultureInfo.InvariantCulture, $"({components});created={Now + Created};expires={Now + Expires};nonce=\"{nonce}\";keyid=\"{KeyId}\"{More}");
            var lines = components.Split(' ').Select(component => component switch
            {
                "\"@method\"" => $"{component}: {SignedMethod ?? Method.Method}",
                "\"@target-uri\"" => $"{component}: {new Uri(Server ?? Api.Http.BaseAddress!, Path).AbsoluteUri}",
                "\"content-digest\"" => $"{component}: {digest}",
                _ => $"{component}: ",
            });
            var signed = Encoding.UTF8.GetBytes($"{string.Join('\n', lines)}\n\"@signature-params\": {parameters}");
            var signer = new Ed25519Signer();
            signer.Init(true, Key);
            signer.BlockUpdate(signed, 0, signed.Length);
            var request = new HttpRequestMessage(Method, path ?? Path);
            request.Headers.Host = Server?.Authority;
            if (post)
            {
                request.Content = new ByteArrayContent(sent ?? Content) { Headers = { { "Content-Type", "application/json" } } };
                request.Headers.TryAddWithoutValidation("Content-Digest", digest);
            }

            request.Headers.TryAddWithoutValidation("Signature-Input", "sig1=" + parameters);
            request.Headers.TryAddWithoutValidation("Signature", $"sig1=:{Convert.ToBase64String(signer.GenerateSignature())}:");
            return request;
        }
    }
}
