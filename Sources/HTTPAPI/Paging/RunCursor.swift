/// A place in the list of runs: everything older than `sequence`, with the filters of the walk.
struct RunCursor: Equatable, Sendable {
    var sequence: Int
    var status: String?
    var source: String?

    /// The opaque text.
    var text: String {
        var fields = CursorWriter()
        fields.integer(Int64(sequence))
        fields.text(Array((status ?? "").utf8))
        fields.text(Array((source ?? "").utf8))
        return CursorBytes.seal(.runs, fields)
    }

    init(sequence: Int, status: String?, source: String?) {
        self.sequence = sequence
        self.status = status
        self.source = source
    }

    /// Reads a cursor's text; nil when it is none of ours.
    init?(_ text: String) {
        guard var fields = CursorBytes.open(text, .runs), let sequence = fields.integer(),
            let status = fields.text(), let source = fields.text(), fields.isAtEnd
        else { return nil }
        self.sequence = Int(sequence)
        self.status = status.isEmpty ? nil : String(decoding: status, as: UTF8.self)
        self.source = source.isEmpty ? nil : String(decoding: source, as: UTF8.self)
    }
}
