// The programs that the kustomize crate must agree with, behind one line-based door.
//
// Each line of standard input is a JSON request, each line of standard output its answer: what
// sigs.k8s.io/yaml writes and reads, what kustomize reads, what kustomize builds with the
// options of Flux's kustomize-controller (no load restrictions, no plugins but the built-in ones),
// and what kustomize's own command `build` prints.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	cli "sigs.k8s.io/kustomize/kustomize/v5/commands/build"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/kustomize/kyaml/openapi/kubernetesapi"
	"sigs.k8s.io/yaml"
)

// patience is how long an answer may take, on a machine that has much else to do.
const patience = 30 * time.Second

type request struct {
	// Op is one of marshal, read-kubernetes, read-resource, build, run.
	Op string `json:"op"`
	// Text is JSON to marshal or YAML to read.
	Text string `json:"text"`
	// Files are the tree to build, path to content.
	Files map[string]string `json:"files"`
	// Dir is the directory to build, in Files or, for run, on disk.
	Dir string `json:"dir"`
}

type answer struct {
	Out   string `json:"out"`
	Error string `json:"error,omitempty"`
}

// numbers gives JSON numbers the types that Go values have before they are marshalled.
func numbers(value any) any {
	switch value := value.(type) {
	case json.Number:
		if whole, err := strconv.ParseInt(value.String(), 10, 64); err == nil {
			return whole
		}
		if whole, err := strconv.ParseUint(value.String(), 10, 64); err == nil {
			return whole
		}
		float, _ := value.Float64()
		return float
	case []any:
		for i := range value {
			value[i] = numbers(value[i])
		}
	case map[string]any:
		for key := range value {
			value[key] = numbers(value[key])
		}
	}
	return value
}

func marshal(text string) (string, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return "", err
	}
	out, err := yaml.Marshal(numbers(value))
	return string(out), err
}

func readKubernetes(text string) (string, error) {
	read, err := yaml.YAMLToJSONStrict([]byte(text))
	if err != nil {
		return "", err
	}
	out, err := yaml.JSONToYAML(read)
	return string(out), err
}

func readResource(text string) (string, error) {
	nodes, err := kio.FromBytes([]byte(text))
	if err != nil {
		return "", err
	}
	documents := []json.RawMessage{}
	for _, node := range nodes {
		document, err := node.MarshalJSON()
		if err != nil {
			return "", err
		}
		documents = append(documents, document)
	}
	read, err := json.Marshal(documents)
	if err != nil {
		return "", err
	}
	out, err := yaml.JSONToYAML(read)
	return string(out), err
}

func build(files map[string]string, dir string) (string, error) {
	fs := filesys.MakeFsInMemory()
	for path, content := range files {
		if err := fs.WriteFile(path, []byte(content)); err != nil {
			return "", err
		}
	}
	options := krusty.MakeDefaultOptions()
	options.LoadRestrictions = types.LoadRestrictionsNone
	options.PluginConfig = types.DisabledPluginConfig()
	resources, err := krusty.MakeKustomizer(options).Run(fs, dir)
	if err != nil {
		return "", err
	}
	out, err := resources.AsYaml()
	return string(out), err
}

// run is the command line `kustomize build`, but for the process around it.
func run(dir string) (string, error) {
	out, err := command(dir)
	if openapi.GetSchemaVersion() == kubernetesapi.DefaultOpenAPI {
		return out, err
	}
	// The types of Kubernetes come out the same in each build, and are costly. Where a build has types of its own,
	// it starts anew as in a process of its own, which knows none yet.
	openapi.ResetOpenAPI()
	defer openapi.ResetOpenAPI()
	return command(dir)
}

func command(dir string) (string, error) {
	var out bytes.Buffer
	cmd := cli.NewCmdBuild(filesys.MakeFsOnDisk(), cli.MakeHelp("kustomize", "build"), &out)
	cmd.SetArgs([]string{"--load-restrictor", "LoadRestrictionsNone", "--reorder", "none", dir})
	cmd.SilenceErrors = true
	err := cmd.Execute()
	return out.String(), err
}

func handle(line []byte) (out string, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			openapi.ResetOpenAPI()
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		return "", err
	}
	switch r.Op {
	case "marshal":
		return marshal(r.Text)
	case "read-kubernetes":
		return readKubernetes(r.Text)
	case "read-resource":
		return readResource(r.Text)
	case "build":
		return build(r.Files, r.Dir)
	case "run":
		return run(r.Dir)
	}
	return "", fmt.Errorf("unknown operation %q", r.Op)
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		// Some trees keep kustomize busy for ever. An oracle that ends is started anew.
		endless := time.AfterFunc(patience, func() { os.Exit(3) })
		var a answer
		if a.Out, err = handle(line); err != nil {
			a.Error = err.Error()
		}
		endless.Stop()
		if err := out.Encode(a); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
