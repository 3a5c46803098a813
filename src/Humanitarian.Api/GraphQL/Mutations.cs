using System.Text.Json.Serialization;
using Humanitarian.Chain.Authority;
using Humanitarian.Domain;
using Humanitarian.Grains.Admission;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Reading;
using Humanitarian.Grains.Telemetry;

namespace Humanitarian.Api.GraphQL;

/// <summary>Marks a class whose public methods are mutations.</summary>
public interface IMutations;

/// <summary>Marks a class whose public methods are queries.</summary>
public interface IQueries;

/// <summary>What every mutation takes.</summary>
/// <param name="IdempotencyKey">1 to 255 bytes of the client's choice. The same key with the same input answers the first outcome, for ever.</param>
public abstract record MutationInput([property: JsonIgnore] string IdempotencyKey)
{
    /// <summary>True to learn what would come of it: nothing is done, no signature of a member is needed, and the key is not used up.</summary>
    [JsonIgnore]
    public bool? DryRun { get; init; }

    /// <summary>Its place among others of the same request with which it is done together or not at all; null for one by itself.</summary>
    internal UnitPlace? OfUnit { get; init; }
}

/// <summary>What a mutation takes that the member's own key must sign. Call it without a signature to learn what to sign.</summary>
/// <param name="Signature">Over the typed data that the call without it answers: SIGNATURE_REQUIRED with <c>toSign</c>.</param>
public abstract record SignedInput(string IdempotencyKey, [property: JsonIgnore] Signature? Signature) : MutationInput(IdempotencyKey);

/// <summary>What every mutation answers. Either <c>userErrors</c> has entries, or it was done, or would be by a dry run.</summary>
public abstract record Payload
{
    /// <summary>Where it stands on the ledger; null when refused, or when the ledger has no part in it.</summary>
    public TransactionPlace? Transaction { get; internal set; }

    /// <summary>True when this key had succeeded before and this is its first outcome.</summary>
    public bool Replayed { get; internal set; }

    /// <summary>True for a dry run that found nothing against it.</summary>
    public bool WouldBeDone { get; internal set; }

    /// <summary>With SIGNATURE_REQUIRED and SIGNATURE_INVALID: sign this and repeat the call with the same key and the signature.</summary>
    public TypedData? ToSign { get; internal set; }

    /// <summary>Why it was not done; empty when it was.</summary>
    public IReadOnlyList<UserError> UserErrors { get; internal set; } = [];

    /// <summary>Code of the first thing that was refused of it; null when all was done.</summary>
    internal virtual string? FirstRefusal => UserErrors is [var error, ..] ? error.Code : null;

    /// <summary>What was made or changed; none when refused.</summary>
    internal Id Subject { get; set; }

    /// <summary>The same of what lies beside the ledger and is named otherwise than by an id.</summary>
    internal string? Named { get; set; }
}

/// <summary>Where a transaction stands on the ledger.</summary>
/// <param name="Hash">Keccak-256 hash of the transaction.</param>
/// <param name="Height">Height of its block.</param>
/// <param name="Position">Place in its block, from 0.</param>
public sealed record TransactionPlace(Hash32 Hash, ulong Height, int Position);

/// <summary>Why something was not done. Nothing of it was.</summary>
/// <param name="Code">Stable; docs/refusals.md says what each means and what to do.</param>
/// <param name="Field">Path of the input it is about, where there is one.</param>
/// <param name="Message">What to do, in a plain sentence that names no person.</param>
public sealed record UserError(string Code, IReadOnlyList<string>? Field, string Message);

/// <summary>Runs mutations: idempotency key, content, command, payload. Every mutation of the ledger goes through here.</summary>
public sealed class MutationRunner(
    Caller caller, CallerScope scope, LedgerCommands commands, LedgerReader reader, LedgerInfo ledger, AdmissionGate gate, LedgerTelemetry telemetry, TimeProvider time)
{
    /// <param name="input">Also names the operation, by its type.</param>
    /// <param name="subject">What is changed; null when the command makes something, which then gets the command's own id.</param>
    /// <param name="command">Gets the context and the subject's id.</param>
    /// <param name="urgency">People at tills and freezes keep places when the ledger is busy.</param>
    public async Task<T> RunAsync<T>(
        MutationInput input, Id? subject, Func<CommandContext, Id, Task<CommandResult>> command, Urgency urgency = Urgency.Ordinary)
        where T : Payload, new()
    {
        var operation = OperationOf(input);
        using var activity = telemetry.Begin(operation);
        var started = time.GetTimestamp();
        var payload = await AdmitAsync<T>(input, subject, command, urgency);
        var refusal = payload.UserErrors is [var error, ..] ? error.Code : null;
        telemetry.Answered(operation, refusal, time.GetElapsedTime(started));
        activity?.SetTag("refusal", refusal);
        return payload;
    }

    private async Task<T> AdmitAsync<T>(MutationInput input, Id? subject, Func<CommandContext, Id, Task<CommandResult>> command, Urgency urgency)
        where T : Payload, new()
    {
        if (IdempotencyKey.Refuse(input.IdempotencyKey) is { } invalid)
        {
            return Refused<T>(invalid);
        }

        using var pass = gate.TryEnter(caller.Organisation, urgency);
        Task<CommandResult> RunAsync(CommandContext context, Id id) => pass is null ? Refuse.With(AdmissionGate.Busy) : command(context, id);

        var context = new CommandContext(caller.Principal, input.IdempotencyKey, CanonicalInput.Hash(input), (input as SignedInput)?.Signature) { DryRun = input.DryRun == true };
        var id = subject ?? commands.IdFor(context);
        CommandResult result;
        try
        {
            result = (input.OfUnit ?? scope.Unit) is { } place ? await place.RunAsync(context, judged => RunAsync(judged, id)) : await RunAsync(context, id);

            // Another silo may have decided; the request's next fields see what it has changed.
            await reader.FollowAsync(result.Height);
        }
        catch (Exception fault) when (Passing.Is(fault))
        {
            return Refused<T>(Passing.Unknown);
        }

        if (result.Refusal is { } refusal)
        {
            return Refused<T>(refusal, result.ToSign is { } toSign ? TypedData.Of(await ledger.DomainAsync(), toSign) : null);
        }

        return new T
        {
            Subject = id,
            Transaction = result.Transaction.IsZero ? null : new TransactionPlace(result.Transaction, result.Height, result.Position),
            Replayed = result.Replayed,
            WouldBeDone = result.Rehearsed,
        };
    }

    /// <summary>The mutation's name, as its input's type has it.</summary>
    private static string OperationOf(MutationInput input)
    {
        var name = input.GetType().Name;
        return name.EndsWith("Input", StringComparison.Ordinal) ? name[..^5] : name;
    }

    public static T Refused<T>(Refusal refusal, TypedData? toSign = null)
        where T : Payload, new() => new()
        {
            ToSign = toSign,
            UserErrors = [new UserError(refusal.Code, refusal.Field is { } field ? ["input", field] : null, refusal.Message)],
        };

    /// <summary>A device's delivery without its signature: what the device has to sign.</summary>
    public async Task<T> AskToSignAsync<T>(DeliveryToSign delivery)
        where T : Payload, new() => Refused<T>(
            new Refusal(RefusalCode.SignatureRequired, "Sign the typed data with the device's key and repeat the call with the signature.", "signature"),
            TypedData.Of(await ledger.DomainAsync(), delivery));
}

/// <summary>Refusals that the API gives before any grain is asked.</summary>
internal static class Refuse
{
    /// <summary>Not there, or not this caller's to see: the two look alike.</summary>
    public static Task<CommandResult> NotFound(string field) =>
        With(new Refusal(RefusalCode.NotFound, "There is nothing with this id that you may see.", field));

    public static Task<CommandResult> With(Refusal refusal) => Task.FromResult(CommandResult.Refused(refusal));
}
