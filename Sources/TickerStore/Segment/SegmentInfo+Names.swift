extension SegmentInfo {
    var deadRows: Int { dead?.rows ?? 0 }

    /// The name of a file of dead rows.
    static func deadName(_ id: UInt64, generation: Int) -> String { name(id) + ".del.\(generation)" }

    /// The id that a file name in a family's directory begins with; nil when it is no segment's file.
    static func id(ofFileName file: String) -> UInt64? {
        let parts = file.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count >= 8, parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let suffix = parts[1]
        guard suffix == "jsonl.gz" || suffix == "idx" || suffix.hasPrefix("del.") else { return nil }
        return UInt64(parts[0])
    }
}
