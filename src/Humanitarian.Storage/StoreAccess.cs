namespace Humanitarian.Storage;

/// <summary>What a ledger's stores are opened for.</summary>
public enum StoreAccess
{
    /// <summary>To read: takes no lock, changes nothing, works beside running servers.</summary>
    Read = 1,

    /// <summary>To serve the ledger. A data folder has one server at a time, a database may have several.</summary>
    Serve = 2,

    /// <summary>To change it while no server runs.</summary>
    Alone = 3,
}
