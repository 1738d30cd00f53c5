/// What is wrong with one segment, for `repair`.
struct SegmentVerdict {
    var info: SegmentInfo
    /// The lines file is not there.
    var isMissing = false
    /// The index must be made anew from the lines.
    var hasBadIndex = false
    /// The lines are not those of the manifest; what can be read of them must be written anew.
    var hasBadLines = false
    /// Rows that cannot be read.
    var lostRows: [Range<Int>] = []
    /// The file of dead rows is missing or damaged.
    var hasBadDeadRows = false
    /// The manifest's numbers of live rows are wrong.
    var hasWrongCounts = false
    /// One bit a row: dead. Empty: none, or not known.
    var dead: [UInt64] = []

    /// The segment whose rows it holds, when it was written in the place of a damaged one.
    var replaces: UInt64?

    /// Orders it among the others by the age of its rows.
    var order: UInt64 { replaces ?? info.id }

    /// The manifest does not tell which rows live.
    var hasDoubtfulDeadRows: Bool { hasBadDeadRows || hasWrongCounts || replaces != nil && info.family == .quarantine && !dead.isEmpty }

    init(_ info: SegmentInfo) { self.info = info }

    func isDead(_ row: Int) -> Bool {
        guard row / 64 < dead.count else { return false }
        return dead[row / 64] & (1 << UInt64(row % 64)) != 0
    }
}
