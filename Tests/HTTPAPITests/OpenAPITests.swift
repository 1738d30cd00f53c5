import HTTPTypes
import HummingbirdTesting
import Ingest
import MarketData
import NIOCore
import Telemetry
import Testing

@testable import HTTPAPI

/// The document against the router, both ways: what is written of a route is what the route does.
@Suite struct OpenAPITests {
    private struct Parameter {
        var name: String
        var place: String
        var schema: JSONValue
    }

    private struct Operation {
        var method: String
        var path: String
        var parameters: [Parameter]

        var query: [Parameter] { parameters.filter { $0.place == "query" } }

        /// An address of it that exists in the test's store, with what it cannot do without.
        var address: String {
            path.replacing("{id}", with: "etl_20241215_143022_1").replacing("{source}", with: "csv").replacing("{source_id}", with: "BTC")
        }
    }

    private static let document = try! JSONDocument(parsing: OpenAPIRoute.document(version: "0.1-test")).root

    private static let operations: [Operation] = {
        var operations: [Operation] = []
        for (path, methods) in document.member("paths")!.members {
            for (method, operation) in methods.members {
                let parameters = operation.member("parameters")?.elements.map { reference in
                    let name = reference.member("$ref")?.string?.split(separator: "/").last.map(String.init)
                    let parameter = name.map { document.member("components")!.member("parameters")!.member($0)! } ?? reference
                    return Parameter(
                        name: parameter.member("name")!.string!,
                        place: parameter.member("in")!.string!,
                        schema: parameter.member("schema")!
                    )
                }
                operations.append(Operation(method: method.string!.uppercased(), path: path.string!, parameters: parameters ?? []))
            }
        }
        return operations
    }()

    /// Those that belong to the API; parts of pages are in no list.
    private static let endpoints: [Endpoint] = APIServer.endpoints(
        APIContext(rows: StoredRows(), runs: FakeRuns(), registry: .init(), authenticator: TestServer().authenticator, version: "0.1-test"),
        nil
    ).filter { $0.summary != nil }

    /// One store for all requests, which are many.
    private let server = TestServer()

    @Test func everyRouteIsInTheDocumentAndEveryEntryIsARoute() {
        let routes = Set(Self.endpoints.map { "\($0.method) \($0.template)" })
        let entries = Set(Self.operations.map { "\($0.method) \($0.path)" })
        #expect(routes.subtracting(entries).isEmpty, "routes that openapi.json does not have")
        #expect(entries.subtracting(routes).isEmpty, "entries of openapi.json that are no routes")
    }

    @Test func parametersAreThoseThatTheRoutesTake() {
        for operation in Self.operations {
            guard let endpoint = Self.endpoints.first(where: { $0.method.rawValue == operation.method && $0.template == operation.path }) else {
                continue
            }
            let place = "\(operation.method) \(operation.path)"
            let known = Set(endpoint.parameters ?? [])
            #expect(known == Set(operation.query.map(\.name)), "query of \(place)")
            let names = operation.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { $0.dropFirst().dropLast() }
            #expect(names.map(String.init) == operation.parameters.filter { $0.place == "path" }.map(\.name), "path of \(place)")
        }
    }

    @Test func boundsAreThoseThatTheRoutesHold() async throws {
        for (operation, parameter) in Self.each(where: { $0.schema.member("type")?.string == "integer" }) {
            let bounds = [(parameter.schema.member("minimum")?.integer, -1), (parameter.schema.member("maximum")?.integer, 1)]
            for case (let bound?, let step) in bounds {
                #expect(try await !refuses("\(bound)", parameter, of: operation), "\(operation.path)?\(parameter.name)=\(bound)")
                #expect(
                    try await refuses("\(bound + Int64(step))", parameter, of: operation),
                    "\(operation.path)?\(parameter.name)=\(bound + Int64(step))"
                )
            }
            #expect(try await refuses("x", parameter, of: operation), "\(operation.path)?\(parameter.name)=x")
        }
    }

    @Test func wordsAreThoseThatTheRoutesTake() async throws {
        for (operation, parameter) in Self.each(where: { $0.schema.member("enum") != nil }) {
            let words = parameter.schema.member("enum")!.elements.compactMap(\.string)
            for word in words { #expect(try await !refuses(word, parameter, of: operation), "\(operation.path)?\(parameter.name)=\(word)") }
            #expect(try await refuses("nonsense", parameter, of: operation), "\(operation.path)?\(parameter.name)=nonsense")
            // A word that the route takes and the document does not have is named by the refusal.
            let refusal = try await ask("nonsense", parameter, of: operation).problem().detail
            for word in refusal.split(separator: ".")[0].split(separator: "`").map(String.init).dropFirst(2)
            where !word.contains(" ") && word != "nonsense" && word != "," {
                #expect(words.contains(word), "\(operation.path)?\(parameter.name)=\(word) is not in openapi.json")
            }
        }
    }

    @Test func defaultsAreWhatIsTakenWhenNothingIsGiven() async throws {
        let server = TestServer(rows: StoredRows(count: 120), runs: FakeRuns(count: 60))
        for (operation, parameter) in Self.each(where: { $0.schema.member("default") != nil }) where operation.method == "GET" {
            let value = parameter.schema.member("default")!
            let text = value.string ?? value.integer.map { "\($0)" } ?? ""
            let without = try await server.ask(operation.address + "?")
            let with = try await server.ask("\(operation.address)?\(parameter.name)=\(text)")
            guard without.status == .ok || with.status == .ok else { continue }
            #expect(Self.content(without.text) == Self.content(with.text), "\(operation.path)?\(parameter.name)=\(text)")
        }
    }

    @Test func theDocumentNamesTheVersionThatAnswers() async throws {
        let answer = try await TestServer().ask("/openapi.json")
        #expect(answer.header("Content-Type") == "application/json")
        let root = try JSONDocument(parsing: Array(answer.body.readableBytesView)).root
        #expect(root.member("openapi")?.string == "3.1.0")
        #expect(root.member("info")?.member("version")?.string == "0.1-test")
    }

    private static func each(where isWanted: (Parameter) -> Bool) -> [(Operation, Parameter)] {
        operations.flatMap { operation in operation.query.filter(isWanted).map { (operation, $0) } }
    }

    private func ask(_ value: String, _ parameter: Parameter, of operation: Operation) async throws -> TestResponse {
        let method = HTTPRequest.Method(rawValue: operation.method)!
        // It means nothing without the format.
        let others = parameter.name == "raw" ? "&format=csv" : ""
        return try await server.ask(
            "\(operation.address)?\(parameter.name)=\(value)\(others)",
            method,
            headers: [.authorization: "Bearer secret-token"]
        )
    }

    /// Whether the answer is a 400 about this very parameter.
    private func refuses(_ value: String, _ parameter: Parameter, of operation: Operation) async throws -> Bool {
        let answer = try await ask(value, parameter, of: operation)
        return answer.status == .badRequest ? try answer.problem().parameter == parameter.name : false
    }

    /// Without what is another one in each answer.
    private static func content(_ body: String) -> String {
        body.replacing(/"request_id":"[^"]*"|"api_latency_ms":\d+|"generated_at":"[^"]*"/, with: "")
    }
}
