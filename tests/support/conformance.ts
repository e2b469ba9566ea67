/** The official conformance suite of MCP as a program: its command line is in its arguments. */
import "@modelcontextprotocol/conformance/dist/index.js";
