import CAssets
import Crypto
import Gzip
import MarketData
import NIOCore

/// A file in the binary, ready to be sent.
struct Asset: Sendable {
    /// The last part of its path below `/assets/`.
    let name: String
    let contentType: String
    let bytes: ByteBuffer
    /// Whether `bytes` are compressed with gzip.
    let isCompressed: Bool
    /// The first 16 hexadecimal digits of the SHA-256 of `bytes`: part of the address that pages use, so that a browser may keep the file for
    /// ever and still takes the new one after an update.
    let digest: String

    init(_ name: String, _ contentType: String, _ file: EmbeddedFile, isCompressed: Bool = false) {
        self.name = name
        self.contentType = contentType
        self.isCompressed = isCompressed
        let content = UnsafeRawBufferPointer(start: file.start, count: file.length)
        bytes = ByteBuffer(bytes: content)
        var hash = SHA256()
        hash.update(bufferPointer: content)
        digest = String(Hexadecimal.text(hash.finalize()).prefix(16))
    }

    /// Weak: the same file goes out compressed and not.
    var entityTag: String { "W/\"\(digest)\"" }

    /// The address by which pages refer to it.
    var address: String { "/assets/\(name)?v=\(digest)" }

    /// The file as it was before it was compressed; nil when these bytes are no gzip. Takes some milliseconds.
    func inflated() -> ByteBuffer? { GzipContent.inflated(Array(bytes.readableBytesView)).map { ByteBuffer(bytes: $0) } }
}

extension Asset {
    static let pageStyle = Asset("page.css", "text/css; charset=utf-8", embedded_page_css())
    static let statusScript = Asset("status.js", "text/javascript; charset=utf-8", embedded_status_js())
    static let docsStyle = Asset("api-docs.css", "text/css; charset=utf-8", embedded_api_docs_css())
    static let docsScript = Asset("api-docs.js", "text/javascript; charset=utf-8", embedded_api_docs_js())
    static let icon = Asset("icon.svg", "image/svg+xml", embedded_icon_svg())
    static let swaggerUIScript = Asset(
        "swagger-ui.js",
        "text/javascript; charset=utf-8",
        embedded_swagger_ui_js_gz(),
        isCompressed: true
    )
    static let swaggerUIStyle = Asset("swagger-ui.css", "text/css; charset=utf-8", embedded_swagger_ui_css_gz(), isCompressed: true)
    static let swaggerUILicense = Asset("swagger-ui.LICENSE.txt", "text/plain; charset=utf-8", embedded_swagger_ui_license())

    /// False where Swagger UI could not be fetched before the build.
    static let hasSwaggerUI = embedded_swagger_ui_js_gz().length > 0

    /// All files of the pages.
    static let all =
        [pageStyle, statusScript, docsStyle, docsScript, icon] + (hasSwaggerUI ? [swaggerUIScript, swaggerUIStyle, swaggerUILicense] : [])
}
