package import MarketData

/// What a source declares about how its values are written. `CSVSource.mappingVersion` has to know of each member.
package struct RecordFormat: Sendable, Equatable {
    /// Fields in which the provider writes 0 for unknown.
    package var zeroIsNull: Set<TickerField>
    /// `.` or `,`; of numbers in text.
    package var decimalSeparator: UInt8
    /// The zone of times without one, and the order of dates with slashes.
    package var timestamps: Timestamp.Format
    /// Fields that have one value in all records; it wins over what a record says.
    package var constants: [TickerField: String]
    /// Regular expressions by field: its text is the first group of the first match, or the whole match. Where the group took no part in the match it
    /// has none; a text without a match is bad.
    package var patterns: [TickerField: String]

    package init(
        zeroIsNull: Set<TickerField> = [],
        decimalSeparator: UInt8 = UInt8(ascii: "."),
        timestamps: Timestamp.Format = Timestamp.Format(),
        constants: [TickerField: String] = [:],
        patterns: [TickerField: String] = [:]
    ) {
        self.zeroIsNull = zeroIsNull
        self.decimalSeparator = decimalSeparator
        self.timestamps = timestamps
        self.constants = constants
        self.patterns = patterns
    }
}
