module bootseal.test/age-plugin-gotest

go 1.24

require filippo.io/age v1.3.1
