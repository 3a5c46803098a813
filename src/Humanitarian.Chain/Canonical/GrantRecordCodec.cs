using Humanitarian.Domain;
using Humanitarian.Domain.Grants;

namespace Humanitarian.Chain.Canonical;

/// <summary>Canonical encoding of grants, their conversions and their costs, for <see cref="RecordCodec"/>.</summary>
internal static class GrantRecordCodec
{
    /// <summary>First byte, instead of its kind, of a grant that bears indirect costs or allows recharges; no record kind has it.</summary>
    public const byte GrantWithCostTerms = 81;

    /// <summary>Writes the fields; false for a record of another feature.</summary>
    public static bool TryWrite(CanonicalWriter w, Record record)
    {
        switch (record)
        {
            case GrantRecord r:
                WriteGrant(w, r);
                return true;
            case CostRecord r:
                w.Id(r.Id);
                w.Id(r.Program);
                w.Id(r.Grant);
                w.Text(r.BudgetLine);
                w.Text(r.Unit);
                w.Number(r.At);
                RecordCodec.Parts(w, r.Direct);
                RecordCodec.Parts(w, r.Indirect);
                w.Id(r.RechargedFrom);
                w.Id(r.RechargedTo);
                return true;
            case ConversionRecord r:
                w.Id(r.Id);
                w.Id(r.Grant);
                w.Text(r.FromUnit);
                w.Number(r.FromMinor);
                RecordCodec.Parts(w, r.Sources);
                w.Text(r.ToUnit);
                w.Number(r.ToMinor);
                w.Text(r.Rate);
                w.Number(r.ValueMinor);
                w.Number(r.OnDay);
                w.Hash(r.Evidence);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Reads the fields; null for a kind of another feature.</summary>
    /// <param name="form">The first byte.</param>
    /// <exception cref="EncodingException">A grant without terms of costs has the form of one with them.</exception>
    public static Record? Read(RecordKind kind, byte form, ref CanonicalReader r)
    {
        switch (kind)
        {
            case RecordKind.Grant:
                var grant = new GrantRecord(
                    r.Id(), r.Id(), r.Id(), r.Text(), r.Long(), r.Long(), r.Long(), r.Long(), r.Text(),
                    r.List(static (ref CanonicalReader r) => new BudgetLine(r.Text(), r.Long(), r.Long())), r.Flag());
                if (form != GrantWithCostTerms)
                {
                    return grant;
                }

                grant = grant with { IndirectRate = r.Int(), IndirectMinor = r.Long(), AllowsRecharges = r.Flag() };
                return grant.HasCostTerms ? grant : throw new EncodingException("A grant without terms of costs has none to write.");
            case RecordKind.Cost:
                return new CostRecord(
                    r.Id(), r.Id(), r.Id(), r.Text(), r.Text(), r.Long(), RecordCodec.Parts(ref r), RecordCodec.Parts(ref r), r.Id(), r.Id());
            case RecordKind.Conversion:
                return new ConversionRecord(
                    r.Id(), r.Id(), r.Text(), r.Long(), RecordCodec.Parts(ref r), r.Text(), r.Long(), r.Text(), r.Long(), r.Long(), r.Hash());
            default:
                return null;
        }
    }

    private static void WriteGrant(CanonicalWriter w, GrantRecord r)
    {
        w.Id(r.Id);
        w.Id(r.Donor);
        w.Id(r.Program);
        w.Text(r.Unit);
        w.Number(r.CommitmentMinor);
        w.Number(r.ReceivedMinor);
        w.Number(r.EligibleFrom);
        w.Number(r.EligibleUntil);
        w.Text(r.Earmark);
        w.List(r.BudgetLines, static (w, line) =>
        {
            w.Text(line.Code);
            w.Number(line.LimitMinor);
            w.Number(line.SpentMinor);
        });
        w.Flag(r.Active);
        if (r.HasCostTerms)
        {
            w.Number(r.IndirectRate);
            w.Number(r.IndirectMinor);
            w.Flag(r.AllowsRecharges);
        }
    }
}
