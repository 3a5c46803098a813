using System.Net;
using Humanitarian.Api.Outgoing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Api.Tests.Outgoing;

public sealed class GuardedHttpTests : IAsyncLifetime
{
    private static readonly OutgoingRules Loopback = new() { AllowedNetworks = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")], AnswerBytes = 1000 };

    private WebApplication? server;
    private int asked;

    private string Url => server!.Urls.First();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        server = builder.Build();
        server.Use(next => http =>
        {
            Interlocked.Increment(ref asked);
            return next(http);
        });
        server.MapGet("/short", () => new string('a', 1000));
        server.MapGet("/long", () => new string('a', 1001));
        server.MapGet("/endless", async (HttpContext http) =>
        {
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.WriteAsync(new string('a', 100), http.RequestAborted);
            }
        });
        server.MapGet("/moved", () => Results.Redirect("/short"));
        await server.StartAsync();
    }

    public ValueTask DisposeAsync() => server!.DisposeAsync();

    [Theory]
    [InlineData("1.1.1.1", true)]
    [InlineData("172.32.0.1", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("::ffff:1.1.1.1", true)]
    [InlineData("64:ff9b::1.1.1.1", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("127.0.0.2", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("198.19.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("240.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::127.0.0.1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:169.254.169.254", false)]
    [InlineData("64:ff9b::127.0.0.1", false)]
    [InlineData("64:ff9b::a9fe:a9fe", false)]
    [InlineData("64:ff9b:1::1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("2001::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fd12::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fec0::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("100::1", false)]
    [InlineData("5f00::1", false)]
    public void Address_is_public_or_not(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddresses.Contains(IPAddress.Parse(address)));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[64:ff9b::7f00:1]")]
    [InlineData("2130706433")]
    public async Task Private_address_is_not_connected_to_however_it_is_written(string host)
    {
        using var client = GuardedHttp.Create(new OutgoingRules());
        foreach (var scheme in new[] { "http", "https" })
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync($"{scheme}://{host}:{new Uri(Url).Port}/short"));
        }

        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task Allowed_network_is_reached_and_another_is_not()
    {
        using var allowed = GuardedHttp.Create(Loopback);
        Assert.Equal(1000, (await allowed.GetStringAsync($"{Url}/short")).Length);

        using var other = GuardedHttp.Create(Loopback with { AllowedNetworks = [IPNetwork.Parse("10.0.0.0/8")] });
        await Assert.ThrowsAsync<HttpRequestException>(() => other.GetStringAsync($"{Url}/short"));
        Assert.Equal(1, asked);
    }

    [Theory]
    [InlineData("/long")]
    [InlineData("/endless")]
    public async Task Answer_longer_than_allowed_is_refused_however_it_is_read(string path)
    {
        using var client = GuardedHttp.Create(Loopback);
        foreach (var completion in Enum.GetValues<HttpCompletionOption>())
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(Url + path, completion));
        }
    }

    [Fact]
    public async Task Redirect_is_not_followed()
    {
        using var client = GuardedHttp.Create(Loopback);
        using var response = await client.GetAsync($"{Url}/moved");
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal(1, asked);
    }
}
