import HTTPTypes
import TickerStore

extension Problem {
    /// What the store could not do. For the control socket only, whose users own the data directory: the message names its files.
    init(_ error: StoreError) {
        self.init(Self.status(of: error.kind), code: StoreProblemCode.of(error.kind), detail: error.message)
    }

    private static func status(of kind: StoreError.Kind) -> HTTPResponse.Status {
        switch kind {
        case .locked, .cannotCreate: .conflict
        // RFC 4918 section 11.5.
        case .noSpace: HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
        case .poisoned, .readOnly, .closed: .serviceUnavailable
        default: .internalServerError
        }
    }
}

/// The `code` of problems of the store: the commands beside a server make their exit codes of it.
package enum StoreProblemCode {
    package static let locked = "locked"
    package static let cannotCreate = "cannot_create"
    package static let corrupt = "corrupt_data"
    package static let permission = "permission_denied"

    static func of(_ kind: StoreError.Kind) -> String {
        switch kind {
        case .locked: locked
        case .cannotCreate: cannotCreate
        case .corrupt, .newerFormat: corrupt
        case .permission: permission
        case .noSpace: "no_space"
        case .poisoned, .readOnly: "store_read_only"
        case .closed: "draining"
        default: "store_failed"
        }
    }
}
