namespace Humanitarian.Api.Lists;

/// <summary>
/// On which line an identifier was first seen: 64 bits of its keyed hash and 32 of the line in open addressing, 12 bytes
/// an entry where a dictionary takes 28. Among 6 million identifiers the chance that any two differ and share their 64
/// bits is one in a million; the price of that would be one row refused. It is split by the hash's top bits, so that
/// growing copies a small part at a time.
/// </summary>
internal sealed class SeenIdentifiers
{
    private const int PartBits = 8;
    private readonly Part[] _parts = new Part[1 << PartBits];

    public SeenIdentifiers()
    {
        for (int i = 0; i < _parts.Length; i++)
            _parts[i] = new Part();
    }

    /// <summary>The line, or 0 when it was not seen.</summary>
    public long Line(UInt128 keyedHash)
    {
        (Part part, ulong key) = Find(keyedHash);
        return part.Line(key);
    }

    /// <summary>Remembers the line; the first one stays.</summary>
    public void Add(UInt128 keyedHash, long line)
    {
        (Part part, ulong key) = Find(keyedHash);
        part.Add(key, checked((uint)line));
    }

    private (Part Part, ulong Key) Find(UInt128 keyedHash)
    {
        ulong key = (ulong)(keyedHash >> 64);
        return (_parts[key >> (64 - PartBits)], key);
    }

    private sealed class Part
    {
        private ulong[] _keys = new ulong[16];
        private uint[] _lines = new uint[16];
        private int _count;

        public uint Line(ulong key) => _lines[Slot(key)];

        public void Add(ulong key, uint line)
        {
            if ((_count + 1) * 5L > _keys.Length * 4L)
                Grow();
            int slot = Slot(key);
            if (_lines[slot] != 0)
                return;
            (_keys[slot], _lines[slot]) = (key, line);
            _count++;
        }

        /// <summary>Where the key is, or the free place where it belongs: a line of 0 is free.</summary>
        private int Slot(ulong key)
        {
            int mask = _keys.Length - 1;
            int slot = (int)(key & (ulong)mask);
            while (_lines[slot] != 0 && _keys[slot] != key)
                slot = (slot + 1) & mask;
            return slot;
        }

        private void Grow()
        {
            (ulong[] keys, uint[] lines) = (_keys, _lines);
            (_keys, _lines) = (new ulong[keys.Length * 2], new uint[lines.Length * 2]);
            for (int i = 0; i < keys.Length; i++)
            {
                if (lines[i] == 0)
                    continue;
                int slot = Slot(keys[i]);
                (_keys[slot], _lines[slot]) = (keys[i], lines[i]);
            }
        }
    }
}
