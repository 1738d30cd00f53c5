extension Finding {
    /// What an error says of a file below `root`; `repair` and `verify` know better than its advice what to do.
    init(_ severity: Severity, _ error: StoreError, root: String, file: String, affected: String = "") {
        var text = Substring(error.message)
        var place: Int?
        if text.hasPrefix(root + "/" + file + ": ") {
            text = text.dropFirst(root.count + file.count + 3)
            let mark = "offset "
            if text.hasPrefix(mark), let colon = text.firstIndex(of: ":"), let offset = Int(text[..<colon].dropFirst(mark.count)) {
                place = offset
                text = text[colon...].dropFirst(2)
            }
        }
        for advice in [LogRecovery.advice, SegmentFormat.dataAdvice, SegmentFormat.indexAdvice] where text.hasSuffix(advice) {
            text = text.dropLast(advice.count)
        }
        while text.last == " " || text.last == "." { text = text.dropLast() }
        self.init(severity, file, offset: place, String(text), affected: affected)
    }
}
