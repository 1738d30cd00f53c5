import Crypto
import MarketData
import Transfer

/// A page as it came.
struct HTTPPage: Sendable {
    /// The URL, secrets masked.
    let place: String
    let body: [UInt8]
    let fetchedAt: Timestamp
    /// A hash of the body.
    let digest: String

    init(place: String, body: [UInt8], fetchedAt: Timestamp) {
        self.place = place
        self.body = body
        self.fetchedAt = fetchedAt
        digest = Hexadecimal.text(SHA256.hash(data: body).prefix(16))
    }
}

/// Why an answer is not a page of records.
struct PageFailure: Error {
    var type: RunRecord.ErrorType
    var message: String
}

/// A page whose records have been found.
struct ParsedPage: Sendable {
    /// The URL, secrets masked.
    var place: String
    var fetchedAt: Timestamp
    var records: PageRecords
    /// What stands at the pointer of a cursor or next URL.
    var pointed: PointedText
    /// A hash of the body.
    var digest: String
}

/// What stands at the pointer of a cursor or next URL.
enum PointedText: Sendable, Equatable {
    /// Absent, null, false or empty: there is no next page.
    case nothing
    case text(String)
    /// There is something, and it is neither text nor number.
    case unreadable
}

/// Finds the records in the answers of an `http` source, or says what came instead (spec section 2).
struct PageReader {
    let source: HTTPSource

    /// - Parameters:
    ///   - page: an answer of status 200.
    ///   - contentType: as the answer names it; what is no JSON by name is refused, what says nothing about that is judged by its body.
    func read(_ page: HTTPPage, contentType: String?) throws(PageFailure) -> ParsedPage {
        if let contentType, !Self.mayBeJSON(contentType) {
            throw failure(
                .shape,
                page,
                "the answer is \(contentType.prefix(80)) where JSON is expected; check the URL. It begins: \(excerpt(page.body))"
            )
        }
        let isMarked = page.body.starts(with: [0xEF, 0xBB, 0xBF])
        let body = isMarked ? Array(page.body.dropFirst(3)) : page.body
        guard let records = JSONPointer(source.records) else {
            throw failure(.schema, page, "records \(source.records) is not a JSON pointer; it begins with /, or is empty for the whole answer")
        }
        let root: JSONValue
        do throws(JSONDocument.Failure) {
            root = try JSONDocument(parsing: body).root
        } catch {
            let found = try split(records, body, page, refusal: error)
            return ParsedPage(place: page.place, fetchedAt: page.fetchedAt, records: found, pointed: pointed(in: body), digest: page.digest)
        }
        let found = try find(records, in: root, page)
        return ParsedPage(place: page.place, fetchedAt: page.fetchedAt, records: found, pointed: pointed(in: root), digest: page.digest)
    }

    // MARK: Records

    private func find(_ pointer: JSONPointer, in root: JSONValue, _ page: HTTPPage) throws(PageFailure) -> PageRecords {
        guard let value = root.pointer(pointer) else {
            throw failure(.shape, page, "there is nothing at \(source.records), where the records should be; \(Self.description(of: root))")
        }
        let expected: JSONValue.Kind = source.form == .array ? .array : .object
        guard value.kind == expected else {
            let place = source.records.isEmpty ? "the answer" : "\(source.records)"
            let wanted = expected == .array ? "an array of records" : source.form == .map ? "an object of records" : "an object, the record,"
            throw failure(
                .shape,
                page,
                "\(wanted) is expected and \(place) is \(Self.description(of: value)); it begins: \(excerpt(root.document.bytes))"
            )
        }
        if source.form != .array, let text = Self.errorText(in: root), !hasField(in: value) {
            throw failure(.shape, page, "the answer is an error: \(text)")
        }
        return PageRecords(value, form: source.form)
    }

    /// Whether the first records of a map, or the one record, have any required field.
    private func hasField(in value: JSONValue) -> Bool {
        let pointers = TickerField.required.compactMap { source.fields[$0] }.filter { $0.count > 1 }
        let records = source.form == .object ? [value] : value.members.prefix(16).map(\.value)
        return pointers.isEmpty || records.contains { record in pointers.contains { record.pointer($0) != nil } }
    }

    /// The page is not good JSON: its structure may be, and then only the records that are not are lost.
    private func split(
        _ pointer: JSONPointer,
        _ body: [UInt8],
        _ page: HTTPPage,
        refusal: JSONDocument.Failure
    ) throws(PageFailure) -> PageRecords {
        if !body.contains(where: { $0 > 0x20 }) { throw failure(.parse, page, "the answer is empty") }
        let unreadable = "not JSON: \(refusal)"
        do throws(JSONSplitter.Failure) {
            let splitter = try JSONSplitter(body, pointer: pointer)
            if splitter.kind == (source.form == .array ? .array : .object) { return PageRecords(splitter, form: source.form) }
        } catch {
            if error == .truncated {
                throw failure(.parse, page, "\(unreadable); the answer was cut, or never whole. It begins: \(excerpt(body))")
            }
        }
        throw failure(.parse, page, "\(unreadable); it begins: \(excerpt(body))")
    }

    // MARK: The next page

    private var nextPointer: String? {
        switch source.pagination {
        case .cursor(let pointer), .nextURL(let pointer): pointer
        case .none, .page, .offset, .linkHeader: nil
        }
    }

    private func pointed(in root: JSONValue) -> PointedText {
        guard let value = nextPointer.flatMap({ root.pointer($0) }) else { return .nothing }
        return Self.text(of: value)
    }

    private func pointed(in body: [UInt8]) -> PointedText {
        guard let pointer = nextPointer.flatMap({ JSONPointer($0) }) else { return .nothing }
        do throws(JSONSplitter.Failure) {
            let place = try JSONSplitter(body, pointer: pointer).value
            guard let value = try? JSONDocument(parsing: Array(body[place])).root else { return .unreadable }
            return Self.text(of: value)
        } catch {
            return error == .absent ? .nothing : .unreadable
        }
    }

    private static func text(of value: JSONValue) -> PointedText {
        // It goes into a URL, and into each of the page's commits.
        if value.raw.count > PageWalk.longestPlace { return .unreadable }
        return switch value.kind {
        case .string: value.string.map { $0.isEmpty ? .nothing : .text($0) } ?? .unreadable
        case .number: value.withRaw { .text(String(decoding: $0.bytes, as: UTF8.self)) }
        case .null, .bool(false): .nothing
        case .object, .array, .bool(true): .unreadable
        }
    }

    // MARK: Words

    private func failure(_ type: RunRecord.ErrorType, _ page: HTTPPage, _ message: String) -> PageFailure {
        PageFailure(type: type, message: "\(page.place): \(message)")
    }

    private static func mayBeJSON(_ contentType: String) -> Bool {
        let type = String(contentType.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }).lowercased()
        return ["", "application/json", "text/json", "text/plain", "application/octet-stream"].contains(type) || type.hasSuffix("+json")
    }

    /// What a value is, with an object's names, or what an error object says.
    private static func description(of value: JSONValue) -> String {
        switch value.kind {
        case .object:
            if let text = errorText(in: value) { return "an error object: \(text)" }
            let names = value.members.prefix(12).compactMap { $0.key.string?.prefix(40) }
            return "an object with \(names.isEmpty ? "no members" : names.joined(separator: ", "))"
        case .array: return "an array of \(value.count)"
        case .string: return "a string"
        case .number: return "a number"
        case .bool: return "true or false"
        case .null: return "null"
        }
    }

    /// What an object says about an error, as APIs write it: `error`, `message` and the like, also inside `status` or `error`; shortened.
    static func errorText(in value: JSONValue, depth: Int = 0) -> String? {
        guard depth < 3 else { return nil }
        switch value.kind {
        case .string: return depth == 0 ? nil : value.string.flatMap { $0.isEmpty ? nil : $0.count > 200 ? $0.prefix(200) + "…" : $0 }
        case .array: return value.element(0).flatMap { errorText(in: $0, depth: depth + 1) }
        case .object:
            for name in ["error", "errors", "error_message", "errorMessage", "message", "msg", "detail", "info", "reason"] {
                if let text = value.member(name).flatMap({ errorText(in: $0, depth: depth + 1) }) { return text }
            }
            guard let status = value.member("status"), status.kind == .object else { return nil }
            return errorText(in: status, depth: depth + 1)
        default: return nil
        }
    }
}
