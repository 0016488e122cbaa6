namespace WinLayers.Oci.Compression;

/// <summary>
/// The header of a gzip member (RFC 1952, 2.3), read in as many pieces as it comes in. ISA-L reads one too, but forgets between two
/// calls which fields there are, and then goes by what it finds on the stack.
/// </summary>
/// <remarks>
/// Magic 1f 8b, method 8, flags, 6 bytes of time and system; then, each where its flag says so: extra (u16 length and that many bytes),
/// name and comment (each up to a NUL), and u16, the lower half of the CRC-32 of everything before. Flags kept for later versions are
/// refused, as the RFC asks: they may stand for further fields.
/// </remarks>
internal sealed class GZipHeader
{
    private const int FixedLength = 10;
    private const byte HasChecksum = 2;
    private const byte HasExtra = 4;
    private const byte HasName = 8;
    private const byte HasComment = 16;
    private const byte Reserved = 0xE0;
    private const uint Polynomial = 0xEDB8_8320;

    private readonly byte[] _fixed = new byte[FixedLength];
    private Field _field;
    private int _count;
    private int _extraLength;
    private ushort _recorded;
    private uint _checksum;

    private enum Field
    {
        Fixed,
        ExtraLength,
        Extra,
        Name,
        Comment,
        Checksum,
        End,
    }

    private byte Flags => _fixed[3];

    /// <summary>Goes on to the next member's.</summary>
    public void Restart()
    {
        _field = Field.Fixed;
        _count = 0;
        _checksum = uint.MaxValue;
    }

    /// <summary>Reads on.</summary>
    /// <param name="input">What comes next.</param>
    /// <param name="consumed">Bytes of it that belong to the header.</param>
    /// <returns>What is known now; <see cref="GZipHeaderOutcome.Whole"/> once what follows is the deflated data.</returns>
    public GZipHeaderOutcome Read(ReadOnlySpan<byte> input, out int consumed)
    {
        consumed = 0;
        while (_field != Field.End)
        {
            if (consumed == input.Length)
                return GZipHeaderOutcome.GoesOn;
            if (Take(input[consumed++]) is var outcome and not GZipHeaderOutcome.GoesOn)
                return outcome;
        }

        return GZipHeaderOutcome.Whole;
    }

    private GZipHeaderOutcome Take(byte next)
    {
        if (_field != Field.Checksum)
            Sum(next);
        switch (_field)
        {
            case Field.Fixed:
                return TakeFixed(next);
            case Field.ExtraLength:
                _extraLength = _count == 0 ? next : _extraLength | (next << 8);
                if (++_count == sizeof(ushort))
                    Enter(_extraLength == 0 ? Field.Name : Field.Extra);
                break;
            case Field.Extra:
                if (++_count == _extraLength)
                    Enter(Field.Name);
                break;
            case Field.Name or Field.Comment:
                if (next == 0)
                    Enter(_field + 1);
                break;
            case Field.Checksum:
                _recorded = (ushort)(_count == 0 ? next : _recorded | (next << 8));
                if (++_count < sizeof(ushort))
                    break;
                if (_recorded != (ushort)~_checksum)
                    return GZipHeaderOutcome.Damaged;
                Enter(Field.End);
                break;
        }

        return GZipHeaderOutcome.GoesOn;
    }

    private GZipHeaderOutcome TakeFixed(byte next)
    {
        _fixed[_count] = next;
        bool isRight = _count++ switch
        {
            0 => next == 0x1f,
            1 => next == 0x8b,
            2 => next == 8,
            _ => true,
        };
        if (!isRight)
            return GZipHeaderOutcome.NotGZip;
        if (_count < FixedLength)
            return GZipHeaderOutcome.GoesOn;
        if ((Flags & Reserved) != 0)
            return GZipHeaderOutcome.Damaged;
        Enter(Field.ExtraLength);
        return GZipHeaderOutcome.GoesOn;
    }

    // Passes over the fields that the flags say are not there.
    private void Enter(Field field)
    {
        _count = 0;
        if (field == Field.ExtraLength && (Flags & HasExtra) == 0)
            field = Field.Name;
        if (field == Field.Name && (Flags & HasName) == 0)
            field = Field.Comment;
        if (field == Field.Comment && (Flags & HasComment) == 0)
            field = Field.Checksum;
        if (field == Field.Checksum && (Flags & HasChecksum) == 0)
            field = Field.End;
        _field = field;
    }

    private void Sum(byte next)
    {
        _checksum ^= next;
        for (int bit = 0; bit < 8; bit++)
            _checksum = (_checksum >> 1) ^ (Polynomial & (uint)-(int)(_checksum & 1));
    }
}

/// <summary>What came of reading a header.</summary>
internal enum GZipHeaderOutcome
{
    /// <summary>More input is needed.</summary>
    GoesOn,

    /// <summary>The header is read; the deflated data follows.</summary>
    Whole,

    /// <summary>What should be a header is none.</summary>
    NotGZip,

    /// <summary>It is one, but breaks the rules.</summary>
    Damaged,
}
