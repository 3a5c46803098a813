namespace Humanitarian.Grains.Commands;

/// <summary>PINs and cards.</summary>
public sealed partial class LedgerCommands
{
    /// <summary>Sets a PIN, issues a card or blocks one.</summary>
    public async Task<CommandResult> ChangeCredentialAsync(CommandContext context, CredentialRequest change) =>
        Invalid(context) ?? await (await OrganisationAsync(context)).ChangeCredentialAsync(context, change);
}
