import MarketData

/// The records of a page, in order.
///
/// Usually the whole page is good JSON and its records are values of one document. Where it is not, its structure has been split into
/// records, and each is read alone.
struct PageRecords: Sendable {
    private enum Found: Sendable {
        case values(JSONValue)
        case pieces(JSONSplitter)
        case list([PageRecord])
    }

    private let found: Found
    private let form: HTTPSource.Form
    let count: Int

    init(_ value: JSONValue, form: HTTPSource.Form) {
        found = .values(value)
        self.form = form
        count = form == .object ? 1 : value.count
    }

    init(_ splitter: JSONSplitter, form: HTTPSource.Form) {
        found = .pieces(splitter)
        self.form = form
        var count = 0
        if form == .object {
            count = 1
        } else {
            splitter.forEachPiece { _ in
                count += 1
                return true
            }
        }
        self.count = count
    }

    /// Records that were read one by one.
    init(_ records: [PageRecord]) {
        found = .list(records)
        form = .array
        count = records.count
    }

    /// Gives each record with its number, from 0, until `body` says no.
    func forEach(_ body: (Int, PageRecord) -> Bool) {
        switch found {
        case .values(let value): forEach(valueIn: value, body)
        case .pieces(let splitter): forEach(pieceOf: splitter, body)
        case .list(let records): for (index, record) in records.enumerated() where !body(index, record) { return }
        }
    }

    private func forEach(valueIn value: JSONValue, _ body: (Int, PageRecord) -> Bool) {
        let bytes = value.document.bytes
        switch form {
        case .object: _ = body(0, PageRecord(raw: bytes[value.raw], value: value))
        case .array:
            for (index, element) in value.elements.enumerated() where !body(index, PageRecord(raw: bytes[element.raw], value: element)) { return }
        case .map:
            for (index, (key, member)) in value.members.enumerated() {
                let raw = Self.object(bytes[key.raw], bytes[member.raw])
                if !body(index, PageRecord(raw: raw, key: key, value: member)) { return }
            }
        }
    }

    private func forEach(pieceOf splitter: JSONSplitter, _ body: (Int, PageRecord) -> Bool) {
        if form == .object {
            _ = body(0, PageRecord(parsing: splitter.bytes[splitter.value], isMember: false))
            return
        }
        var index = 0
        splitter.forEachPiece { piece in
            defer { index += 1 }
            guard let key = piece.key else { return body(index, PageRecord(parsing: splitter.bytes[piece.value], isMember: false)) }
            return body(index, PageRecord(parsing: Self.object(splitter.bytes[key], splitter.bytes[piece.value]), isMember: true))
        }
    }

    /// A member of a map as a record of its own: an object of that member, its bytes as they came.
    private static func object(_ key: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var object: [UInt8] = []
        object.reserveCapacity(key.count + value.count + 3)
        object.append(UInt8(ascii: "{"))
        object.append(contentsOf: key)
        object.append(UInt8(ascii: ":"))
        object.append(contentsOf: value)
        object.append(UInt8(ascii: "}"))
        return object[...]
    }
}

/// A record as the source wrote it.
struct PageRecord: Sendable {
    /// Longer ones are not taken: a coin takes about a kilobyte; what is a thousand times that is something else.
    static let longest = 1 << 20

    let raw: ArraySlice<UInt8>
    /// The name of a map's member.
    let key: JSONValue?
    /// nil when the record is not good JSON.
    let value: JSONValue?
    /// The quarantine's reason, when it is not.
    let reason: String?

    init(raw: ArraySlice<UInt8>, key: JSONValue? = nil, value: JSONValue) {
        self.raw = raw
        self.key = key
        self.value = value
        reason = raw.count > Self.longest ? "record_too_long" : nil
    }

    /// Reads a record that was split off.
    ///
    /// - Parameter isMember: Whether it is an object made of one member of a map.
    init(parsing raw: ArraySlice<UInt8>, isMember: Bool) {
        self.raw = raw
        guard raw.count <= Self.longest else {
            (key, value, reason) = (nil, nil, "record_too_long")
            return
        }
        do throws(JSONDocument.Failure) {
            let root = try JSONDocument(parsing: Array(raw)).root
            var members = root.members
            let member = isMember ? members.next() : nil
            (key, value, reason) = (member?.key, member?.value ?? root, nil)
        } catch {
            (key, value, reason) = (nil, nil, error.quarantineReason(in: raw))
        }
    }
}

extension JSONDocument.Failure {
    /// Why a record alone is not good JSON, as the quarantine says it.
    fileprivate func quarantineReason(in text: ArraySlice<UInt8>) -> String {
        switch reason {
        case .duplicateKey: return "duplicate_key"
        case .invalidUTF8: return "bad_utf8"
        case .tooDeep: return "too_deep"
        case .unexpectedByte, .invalidNumber:
            let rest = text.dropFirst(offset)
            return ["NaN", "nan", "Infinity", "inf"].contains(where: { rest.starts(with: $0.utf8) }) ? "not_a_number" : "bad_json"
        default: return "bad_json"
        }
    }
}
