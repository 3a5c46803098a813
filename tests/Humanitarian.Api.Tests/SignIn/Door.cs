using System.Net;
using System.Text.Json;
using Humanitarian.Api.Outgoing;
using Humanitarian.Api.SignIn;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Api.Transport;

namespace Humanitarian.Api.Tests.SignIn;

/// <summary>A front that may ask identity providers on this machine, and what tests do at it.</summary>
internal sealed class Door(Front front) : IAsyncDisposable
{
    public static OutgoingRules Loopback { get; } = new() { AllowedNetworks = [IPNetwork.Parse("127.0.0.0/8")] };

    public Front Front => front;

    public static async Task<Door> OpenAsync(ApiServer api, Func<HumanitarianApiOptions, HumanitarianApiOptions>? change = null, Func<SignInOptions, SignInOptions>? signIn = null) =>
        new(await Front.StartAsync(api, options =>
        {
            var settings = options.SignIn with { Outgoing = Loopback, Skew = TimeSpan.Zero };
            var changed = options with { SignIn = signIn?.Invoke(settings) ?? settings, Live = new LiveOptions { KeepAlive = TimeSpan.FromMilliseconds(200) } };
            return change?.Invoke(changed) ?? changed;
        }));

    /// <summary>A mutation's payload.</summary>
    public async Task<JsonElement> MutateAsync(string key, string name, IReadOnlyDictionary<string, object?> input, string fields = "")
    {
        var query = $"mutation($input: {char.ToUpperInvariant(name[0])}{name[1..]}Input!) {{ {name}(input: $input) {{ {fields} transaction {{ hash }} replayed userErrors {{ code field message }} }} }}";
        var (_, answer) = await front.PostAsync(key, new { query, variables = new { input } });
        Assert.False(answer.TryGetProperty("errors", out var errors), errors.ToString());
        return answer.GetProperty("data").GetProperty(name);
    }

    /// <summary>The member that a credential stands for, or null when it is refused.</summary>
    public async Task<string?> MeAsync(string credential)
    {
        var (response, answer) = await front.PostAsync(credential, new { query = "{ me { id } }" });
        using (response)
        {
            Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Unauthorized, response.StatusCode.ToString());
            return response.IsSuccessStatusCode ? answer.GetProperty("data").GetProperty("me").GetProperty("id").GetString() : null;
        }
    }

    public ValueTask DisposeAsync() => front.DisposeAsync();
}
