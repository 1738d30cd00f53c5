/// One row of the group table of an index file, 64 bytes.
struct GroupEntry: Sendable, Equatable {
    /// The group's first row, counted in the segment.
    var firstRow: Int
    /// 1 to 65,536.
    var rows: Int
    /// Milliseconds since 1970.
    var earliest: Int64
    var latest: Int64
    /// Milliseconds that a step of the timestamp column means, 1 or 1,000.
    var unit: Int64
    /// How many series the group holds.
    var runs: Int
    /// Place of the columns in the index; the length includes the zeros up to a multiple of eight.
    var columnsOffset: Int
    var columnsLength: Int
    var columnsCRC: UInt32
    /// Place of the number keys in the index; 0: none.
    var numbersOffset: Int
    /// Over the keys of all four fields.
    var numbersCRC: UInt32

    /// Bytes of the number keys of so many rows.
    static func numbersLength(rows: Int) -> Int { 8 * NumberField.allCases.count * rows }

    /// Appends the 64 bytes.
    func encode(to out: inout [UInt8]) {
        out.append(littleEndian: UInt32(firstRow))
        out.append(littleEndian: UInt32(rows))
        out.append(littleEndian: earliest)
        out.append(littleEndian: latest)
        out.append(littleEndian: UInt32(unit))
        out.append(littleEndian: UInt32(runs))
        out.append(littleEndian: UInt64(columnsOffset))
        out.append(littleEndian: UInt32(columnsLength))
        out.append(littleEndian: columnsCRC)
        out.append(littleEndian: UInt64(numbersOffset))
        out.append(littleEndian: numbersCRC)
        out.append(littleEndian: UInt32(0))
    }
}

extension GroupEntry {
    /// Reads the 64 bytes at `offset`, within the bounds of `table`; whether they make sense is `IndexFile`'s question.
    init(decoding table: UnsafeRawBufferPointer, at offset: Int) {
        func small(_ place: Int) -> Int { Int(table.integer(UInt32.self, at: offset + place)) }
        self.init(
            firstRow: small(0),
            rows: small(4),
            earliest: table.integer(Int64.self, at: offset + 8),
            latest: table.integer(Int64.self, at: offset + 16),
            unit: Int64(small(24)),
            runs: small(28),
            columnsOffset: Int(clamping: table.integer(UInt64.self, at: offset + 32)),
            columnsLength: small(40),
            columnsCRC: table.integer(UInt32.self, at: offset + 44),
            numbersOffset: Int(clamping: table.integer(UInt64.self, at: offset + 48)),
            numbersCRC: table.integer(UInt32.self, at: offset + 56)
        )
    }
}

/// One row of the block table of an index file, 16 bytes.
struct BlockEntry: Sendable, Equatable {
    /// Of the member in the lines file.
    var offset: UInt64
    /// The first row that begins in the block, or the next one that begins behind it.
    var firstRow: UInt32
    /// Over the whole member.
    var crc: UInt32
}
