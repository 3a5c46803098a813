using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Lists;

/// <summary>Whether a list lies within a member's scope: the program, and where the roles are limited to areas the site of each row.</summary>
public sealed class ListScopes(ISideStore side)
{
    private const int Page = 5_000;

    /// <summary>OUT_OF_SCOPE, or null.</summary>
    /// <param name="program">None for a list of the whole organisation.</param>
    /// <param name="rows">How many rows from the first on; null for all.</param>
    internal async Task<Refusal?> RefuseAsync(MemberRecord member, Id program, Id list, long first = 0, long? rows = null)
    {
        if (member.Scope is not { } scope)
        {
            return null;
        }

        if (!scope.Covers(program))
        {
            return Principals.OutOfScope();
        }

        var end = rows is { } count ? first + count : long.MaxValue;
        while (scope.Areas.Count > 0 && first < end && await side.RowsAsync(list, first, (int)Math.Min(Page, end - first)) is { Count: > 0 } page)
        {
            if (page.Any(row => !scope.CoversArea(row.Site)))
            {
                return Principals.OutOfScope();
            }

            first += page.Count;
        }

        return null;
    }
}
