using System.Globalization;
using System.Text.Json.Nodes;
using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Deliveries;
using Spectre.Console;

namespace Humanitarian.Host.Demo.Coordination;

/// <summary>Field agents with their devices, who deliver a list in person with signed requests.</summary>
internal sealed class FieldTeam(GraphQlClient client, Ngo ngo, TimeProvider time)
{
    private readonly List<(FieldAgent Agent, Id Device)> devices = [];

    public int Agents => devices.Count;

    /// <summary>Registers a device for each agent.</summary>
    public async Task EquipAsync(CancellationToken cancellationToken)
    {
        foreach (var agent in ngo.Cast.Agents)
        {
            devices.Add((agent, await RegisterAsync(agent, ngo.List.Rows.Max(row => row.AmountMinor), cancellationToken)));
        }
    }

    /// <summary>Everyone on the list is visited; answers how many refusals of each code there were.</summary>
    public async Task<SortedDictionary<string, int>> DeliverAsync(string disbursement, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var refused = new SortedDictionary<string, int>(StringComparer.Ordinal);
        await Crowd.EachAsync(console, $"{Agents} field agents deliver", ngo.List.Rows.Count, async row =>
        {
            try
            {
                await DeliverAsync(disbursement, row, (ulong)row + 1, cancellationToken);
            }
            catch (RefusedException no)
            {
                lock (refused)
                {
                    refused[no.Code] = refused.GetValueOrDefault(no.Code) + 1;
                }
            }
        }, cancellationToken);
        return refused;
    }

    /// <summary>One signed delivery.</summary>
    /// <param name="signedFor">How long the signature may be used.</param>
    /// <param name="key">Who signs; the device's own key when none is given.</param>
    /// <param name="device">Another device of the same agent.</param>
    public async Task DeliverAsync(
        string disbursement, int row, ulong counter, CancellationToken cancellationToken, TimeSpan? signedFor = null, byte[]? key = null, Id? device = null)
    {
        var (agent, own) = devices[row % devices.Count];
        var (beneficiary, now) = (ngo.List.Rows[row], time.GetUtcNow());
        var delivery = new DeliveryToSign(
            device ?? own, Id.Parse(disbursement), Id.Parse(beneficiary.AccountId), DayLists.Currency, beneficiary.AmountMinor, FieldDeliveries.Purpose,
            now.AddHours(-2).ToUnixTimeMilliseconds(), (now + (signedFor ?? TimeSpan.FromHours(1))).ToUnixTimeMilliseconds(), counter);
        await client.MutateAsync(
            agent.Actor, "creditBeneficiary",
            new JsonObject
            {
                ["deviceId"] = delivery.Device.ToString(),
                ["disbursementId"] = disbursement,
                ["accountId"] = beneficiary.AccountId,
                ["amount"] = Json.Money(delivery.AmountMinor, DayLists.Currency),
                ["occurredAt"] = delivery.OccurredAt.ToString(CultureInfo.InvariantCulture),
                ["deadline"] = delivery.Deadline.ToString(CultureInfo.InvariantCulture),
                ["counter"] = delivery.Counter.ToString(CultureInfo.InvariantCulture),
                ["signature"] = client.Sign(key ?? agent.DeviceKey, delivery),
            },
            "transaction { hash }", cancellationToken);
    }

    /// <summary>Registers another device of the agent who visits a row.</summary>
    public Task<Id> RegisterAsync(int row, long perBeneficiaryMinor, CancellationToken cancellationToken) =>
        RegisterAsync(devices[row % devices.Count].Agent, perBeneficiaryMinor, cancellationToken);

    private async Task<Id> RegisterAsync(FieldAgent agent, long perBeneficiaryMinor, CancellationToken cancellationToken)
    {
        var registered = await client.MutateAsync(
            ngo.Cast.Administrator, "registerDevice",
            new JsonObject
            {
                ["memberId"] = agent.Actor.Member.ToString(),
                ["programId"] = ngo.ProgramId,
                ["site"] = "",
                ["address"] = Secp256k1.AddressOf(agent.DeviceKey).ToChecksumText(),
                ["perDay"] = Json.Money(ngo.TotalMinor, DayLists.Currency),
                ["perBeneficiary"] = Json.Money(perBeneficiaryMinor, DayLists.Currency),
            },
            "deviceId", cancellationToken);
        return Id.Parse((string)registered["deviceId"]!);
    }
}
