namespace Humanitarian.Domain.Organisations;

/// <summary>Why something was stopped.</summary>
public enum StopReason
{
    /// <summary>Money or goods may be going where they should not.</summary>
    SuspectedFraud = 1,

    /// <summary>People are in danger where it goes on.</summary>
    Insecurity = 2,

    /// <summary>People complained about how it is done.</summary>
    Complaint = 3,

    /// <summary>A list, a price or an amount is wrong.</summary>
    WrongData = 4,

    /// <summary>Data of people got out, or may.</summary>
    DataProtection = 5,

    /// <summary>The money is not there, or its donor asked.</summary>
    Funding = 6,

    /// <summary>Something else.</summary>
    Other = 7,
}

/// <summary>A program, an area of it or a vendor in it is stopped.</summary>
/// <param name="Area">The site of enrolments; empty for all of the program or a vendor.</param>
/// <param name="VendorAccount">The vendor's account; none for all of the program or an area.</param>
/// <param name="OnDay">The UTC day of the stop, in days since 1970.</param>
/// <param name="ResumeAskedBy">The first of the two members who resume; none before.</param>
public sealed record ProgramStop(string Area, Id VendorAccount, StopReason Reason, Id StoppedBy, long OnDay, Id ResumeAskedBy)
{
    /// <summary>True when it stops the whole program.</summary>
    public bool OfAll => Area.Length == 0 && VendorAccount.IsNone;

    internal bool IsOf(string area, Id vendorAccount) => Area == area && VendorAccount == vendorAccount;
}
