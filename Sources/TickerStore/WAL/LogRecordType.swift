/// What a record holds.
enum LogRecordType: UInt8 {
    case rows = 1
    case raw = 2
    case quarantine = 3
    case state = 4
    case delete = 5
    case noop = 6
    case lines = 7
    /// QUARANTINE whose records share the header line of their file.
    case headedQuarantine = 8
}
