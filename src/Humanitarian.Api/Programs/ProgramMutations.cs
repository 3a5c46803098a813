using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Programs;

/// <param name="Name">1 to 200 characters.</param>
/// <param name="Unit">Code of a defined unit.</param>
/// <param name="Preset">Name of terms that ship with the program, such as voucher; either this or <paramref name="Terms"/>.</param>
/// <param name="Terms">Terms as JSON; see docs/terms.md.</param>
public sealed record CreateProgramInput(string IdempotencyKey, Signature? Signature, string Name, string Unit, string? Preset, string? Terms)
    : SignedInput(IdempotencyKey, Signature);

public abstract record ProgramPayload : Payload
{
    /// <summary>The program as it is now; null when refused.</summary>
    [AsParent]
    public async Task<ProgramView?> Program([FromServices] Access access) =>
        await access.CoveredProgramAsync(Subject) is { } record ? ProgramView.Of(record, whole: true) : null;
}

public sealed record CreateProgramPayload : ProgramPayload;

/// <param name="ProgramId">The program.</param>
/// <param name="VendorAccountId">The vendor's account.</param>
/// <param name="Categories">Goods it may sell; all when empty.</param>
/// <param name="Active">False withdraws the accreditation; true when absent.</param>
public sealed record AccreditVendorInput(string IdempotencyKey, Id ProgramId, Id VendorAccountId, IReadOnlyList<string> Categories, bool? Active)
    : MutationInput(IdempotencyKey);

public sealed record AccreditVendorPayload : Payload;

/// <summary>Programs and their vendors.</summary>
public sealed class ProgramMutations(MutationRunner run, LedgerCommands commands, Access access) : IMutations
{
    /// <summary>Creates a program of your organisation with its pool and its return queue.</summary>
    [Allow(Roles.Administrator)]
    public Task<CreateProgramPayload> CreateProgram(CreateProgramInput input) => run.RunAsync<CreateProgramPayload>(input, null, (context, id) =>
    {
        var terms = Terms(input.Preset, input.Terms);
        if (terms.Refusal is { } refusal)
        {
            return Refuse.With(refusal);
        }

        var organisation = access.Caller.Organisation;
        var (pool, queue) = (commands.IdFor(context, 1), commands.IdFor(context, 2));
        return commands.ChangeRecordsAsync(context,
        [
            AccountRecord.Open(pool, organisation, AccountKind.ProgramPool, id),
            AccountRecord.Open(queue, organisation, AccountKind.ReturnQueue, id),
            new ProgramRecord(id, organisation, input.Name, input.Unit, terms.Value!, 1, pool, queue, true),
        ]);
    });

    /// <summary>Lets a vendor's account be paid in a program.</summary>
    [Allow(Roles.Administrator | Roles.ProgramManager)]
    public Task<AccreditVendorPayload> AccreditVendor(AccreditVendorInput input) => run.RunAsync<AccreditVendorPayload>(
        input, AccreditationRecord.IdOf(input.ProgramId, input.VendorAccountId), async (context, id) =>
            await access.OwnProgramAsync(input.ProgramId) is null
                ? await Refuse.NotFound("programId")
                : await commands.ChangeRecordsAsync(
                    context, [new AccreditationRecord(id, input.ProgramId, input.VendorAccountId, input.Categories, input.Active ?? true)]));

    /// <summary>Terms in their canonical form, from a preset or as written.</summary>
    internal static Outcome<string> Terms(string? preset, string? terms)
    {
        if ((preset is null) == (terms is null))
        {
            return new Refusal(RefusalCode.InvalidInput, "Give either a preset or terms.", "terms");
        }

        if ((terms ?? Preset(preset!)) is not { } json)
        {
            return new Refusal(RefusalCode.InvalidInput, "There is no such preset.", "preset");
        }

        var read = TermsJson.Read(json);
        return read.Refusal is { } refusal ? refusal : TermsJson.Write(read.Value!);
    }

    private static string? Preset(string name) => name.All(c => char.IsAsciiLetterLower(c) || c == '-') ? TermsJson.Preset(name) : null;
}
